// UploadService: what the calling site uploads for the round it takes part in, while the round waits for it.
import { Refusal, refuseUnless, type Bytes, type SiteId } from '@blindsum/proto';
import { BlobKind, type UploadHeader, type UploadRequest, type UploadService } from '@blindsum/proto/rpc';
import type { Metrics } from '../metrics.ts';
import type { CheckpointDriver } from '../checkpoint-driver.ts';
import type { ReleaseDriver } from '../release/release-driver.ts';
import { heldFor } from '../round/held.ts';
import type { Round } from '../round/round.ts';
import type { RoundTraffic } from '../traffic/round-traffic.ts';
import {
  ciphertextTarget,
  openingTarget,
  sharesTarget,
  type UploadTarget,
} from '../uploads/upload-target.ts';
import type { Uploads } from '../uploads/uploads.ts';
import { wantedCheckpoint } from './checkpoint-service.ts';
import { ACCESS_RULES } from './access-rules.ts';
import { toPublished } from './release-service.ts';
import type { OpenRound, OpenRoundFor } from './round-access.ts';
import type { ServiceHandlers } from './service-handlers.ts';

export interface UploadShell {
  readonly openRound: OpenRoundFor;
  readonly uploads: Uploads;
  readonly checkpoints: CheckpointDriver;
  readonly releases: Pick<ReleaseDriver, 'target'>;
  readonly traffic: Pick<RoundTraffic, 'received'>;
  readonly metrics: Pick<Metrics, 'uploaded' | 'resumed' | 'queued' | 'done'>;
}

const RULES = ACCESS_RULES.UploadService;
/** Whether these are wanted is known with where they lie. */
const BY_REQUEST: ReadonlySet<UploadTarget['kind']> = new Set(['checkpoint', 'model']);

export function createUploadService(shell: UploadShell): ServiceHandlers<typeof UploadService> {
  return {
    async getUploadStatus({ site }, { ref, kind }) {
      const round = await shell.openRound(RULES.getUploadStatus, site, ref);
      const target = await toTarget(shell, round, { kind, site });
      const committed = await shell.uploads.status(target);
      // Asked once before each upload: what is here already is not sent again.
      if (committed > 0 && committed < target.size) shell.metrics.resumed(target.kind);
      return { committedOffset: BigInt(committed) };
    },
    async upload({ site }, requests) {
      const iterator = requests[Symbol.asyncIterator]();
      const header = await readHeader(iterator);
      const round = await shell.openRound(RULES.upload, site, header.ref);
      const target = await toTarget(shell, round, { kind: header.kind, site });
      if (!BY_REQUEST.has(target.kind)) verifyWanted(round.stored.round, target);
      const stream = { size: Number(header.size), offset: Number(header.offset) };
      const { id, stored } = round;
      const parts = counted(readParts(iterator), (bytes) => {
        shell.metrics.uploaded(target.kind, bytes);
        shell.traffic.received(id, stored.round.phase, bytes);
      });
      return { committedOffset: BigInt(await receive(shell, target, stream, parts)) };
    },
  };
}

async function receive(
  { uploads, metrics }: UploadShell,
  target: UploadTarget,
  stream: Parameters<Uploads['receive']>[1],
  parts: AsyncIterable<Bytes>,
): Promise<number> {
  metrics.queued('uploads');
  try {
    return await uploads.receive(target, stream, parts);
  } finally {
    metrics.done('uploads');
  }
}

/** Where a site's upload of this kind lies, and how long it is; refuses WRONG_PHASE a checkpoint or a model that is not wanted. */
async function toTarget(
  { checkpoints, releases }: UploadShell,
  round: OpenRound,
  { kind, site }: { readonly kind: BlobKind; readonly site: SiteId },
): Promise<UploadTarget> {
  const { id, document } = round;
  const members = document.roster.members.length;
  switch (kind) {
    case BlobKind.CIPHERTEXT:
      return ciphertextTarget(id, site, document.chunks(id.round));
    case BlobKind.SHARES:
      return sharesTarget(id, site, members);
    case BlobKind.OPENING:
      return openingTarget(id, site, members);
    case BlobKind.CHECKPOINT:
      return wantedCheckpoint(checkpoints, round, site);
    case BlobKind.MODEL:
      return releases.target(toPublished(round), site);
    case BlobKind.UNSPECIFIED:
    default:
      throw new Refusal('MALFORMED', 'kind: expected ciphertext, shares, opening, checkpoint or model');
  }
}

/** What has been signed for cannot be added to any more. */
function verifyWanted(round: Round, { kind, owner }: UploadTarget): void {
  const isWanted =
    kind === 'opening'
      ? round.phase === 'opening' && heldFor(round.openings, owner) === undefined
      : round.phase === 'collecting' && heldFor(round.contributions, owner) === undefined;
  refuseUnless(isWanted, 'WRONG_PHASE', `the round is ${round.phase} and waits for no ${kind} of ${owner}`);
}

async function readHeader(requests: AsyncIterator<UploadRequest>): Promise<UploadHeader> {
  const first = await requests.next();
  if (first.done || first.value.message.case !== 'header') {
    throw new Refusal('MALFORMED', 'the first message of an upload is its header');
  }
  return first.value.message.value;
}

async function* readParts(requests: AsyncIterator<UploadRequest>): AsyncGenerator<Bytes> {
  for (let next = await requests.next(); !next.done; next = await requests.next()) {
    const { message } = next.value;
    if (message.case !== 'part') throw new Refusal('MALFORMED', 'expected a part');
    yield message.value;
  }
}

/** Counts a part when the next one is asked for: by then it is on disk. */
async function* counted(parts: AsyncIterable<Bytes>, count: (bytes: number) => void): AsyncGenerator<Bytes> {
  for await (const part of parts) {
    yield part;
    count(part.length);
  }
}
