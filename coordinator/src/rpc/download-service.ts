// DownloadService: what sites fetch. Nobody has to believe it: each part and record is checked against a root that somebody
// signed. Past rounds can be fetched for as long as their blobs exist.
import {
  CHUNK_BYTES,
  memberIndex,
  parseSiteId,
  PART_BYTES,
  refuseUnless,
  type SiteId,
} from '@blindsum/proto';
import type { DownloadService } from '@blindsum/proto/rpc';
import type { CheckpointDriver } from '../checkpoint-driver.ts';
import type { BlobName, BlobStore, RoundId, RoundStore } from '../ports.ts';
import type { Round, SealedSet } from '../round/round.ts';
import { openingTarget, sharesTarget, type UploadTarget } from '../uploads/upload-target.ts';
import type { RoundTraffic } from '../traffic/round-traffic.ts';
import type { Uploads } from '../uploads/uploads.ts';
import { ACCESS_RULES } from './access-rules.ts';
import { offeredCheckpoint } from './checkpoint-service.ts';
import type { OpenRound, OpenRoundFor } from './round-access.ts';
import type { ServiceHandlers } from './service-handlers.ts';
import { messagesAbout } from './set-messages.ts';

export interface DownloadShell {
  readonly openRound: OpenRoundFor;
  readonly checkpoints: CheckpointDriver;
  readonly uploads: Uploads;
  readonly blobs: Pick<BlobStore, 'read'>;
  readonly rounds: Pick<RoundStore, 'messages'>;
  readonly traffic: Pick<RoundTraffic, 'sent'>;
}

const RULES = ACCESS_RULES.DownloadService;

export function createDownloadService(shell: DownloadShell): ServiceHandlers<typeof DownloadService> {
  return {
    async *downloadSum({ site }, { ref, firstPart }) {
      const round = await shell.openRound(RULES.downloadSum, site, ref);
      const { root } = verifySummed(round.stored.round);
      const name: BlobName = { id: round.id, kind: 'sum', owner: root };
      yield* countedParts(shell, round, { name, size: ciphertextBytes(round), firstPart });
    },
    async *downloadContribution({ site }, { ref, site: subject, firstPart }) {
      const round = await shell.openRound(RULES.downloadContribution, site, ref);
      const owner = verifyProxyWanted(round.stored.round, parseSiteId(subject));
      const name: BlobName = { id: round.id, kind: 'ciphertext', owner };
      yield* countedParts(shell, round, { name, size: ciphertextBytes(round), firstPart });
    },
    async *downloadShares({ site }, { ref }) {
      const round = await shell.openRound(RULES.downloadShares, site, ref);
      const { id, stored, document } = round;
      const { members } = verifySealed(stored.round);
      const count = document.roster.members.length;
      for (const dealer of members) {
        const target = sharesTarget(id, dealer, count);
        yield await countedSealed(shell, round, { target, recipient: memberIndex(document.roster, site) });
      }
    },
    async *downloadOpenings({ site }, { ref }) {
      const round = await shell.openRound(RULES.downloadOpenings, site, ref);
      const { id, stored, document } = round;
      const count = document.roster.members.length;
      for (const opener of await openersOf(shell, id, stored.round)) {
        const target = openingTarget(id, opener, count);
        yield await countedSealed(shell, round, { target, recipient: memberIndex(document.roster, site) });
      }
    },
    async *downloadCheckpoint({ site }, { ref, site: sealer, firstPart }) {
      const round = await shell.openRound(RULES.downloadCheckpoint, site, ref);
      const target = await offeredCheckpoint(shell.checkpoints, round, sealer);
      yield* countedParts(shell, round, { name: target, size: target.size, firstPart });
    },
  };
}

interface PartRange {
  readonly name: BlobName;
  /** Bytes of the blob. */
  readonly size: number;
  readonly firstPart: number;
}

/** Counts a part when the next one is asked for: by then it has gone out. */
async function* countedParts(shell: DownloadShell, { id, stored }: OpenRound, range: PartRange) {
  for await (const part of readParts(shell, range)) {
    yield part;
    shell.traffic.sent(id, stored.round.phase, part.data.length);
  }
}

async function* readParts({ blobs }: DownloadShell, { name, size, firstPart }: PartRange) {
  const parts = Math.ceil(size / PART_BYTES);
  refuseUnless(firstPart <= parts, 'NOT_FOUND', `part ${firstPart} of ${parts}`);
  for (let index = firstPart; index < parts; index++) {
    const offset = index * PART_BYTES;
    yield { index, data: await blobs.read(name, offset, Math.min(PART_BYTES, size - offset)) };
  }
}

async function countedSealed(
  shell: DownloadShell,
  { id, stored }: OpenRound,
  { target, recipient }: { readonly target: UploadTarget; readonly recipient: number },
) {
  const sealed = await readSealed(shell, target, recipient);
  const bytes = sealed.proof.reduce((sum, { length }) => sum + length, sealed.sealed.length);
  shell.traffic.sent(id, stored.round.phase, bytes);
  return sealed;
}

/** The record sealed to the member with this roster index, 1..n. */
async function readSealed({ uploads }: DownloadShell, target: UploadTarget, recipient: number) {
  const { record, proof } = await uploads.readRecord(target, recipient - 1);
  return { site: target.owner, sealed: record, proof: [...proof] };
}

function ciphertextBytes({ id, document }: OpenRound): number {
  return document.chunks(id.round) * CHUNK_BYTES;
}

function verifySealed(round: Round): SealedSet {
  refuseUnless('set' in round, 'WRONG_PHASE', `the round is ${round.phase}: it has no sealed set`);
  return round.set;
}

function verifySummed(round: Round): SealedSet {
  refuseUnless(
    'sum' in round && round.phase !== 'sealed',
    'WRONG_PHASE',
    `the round is ${round.phase}: it has no sum`,
  );
  return round.set;
}

/** One site sees another's ciphertext only to sign in its place. */
function verifyProxyWanted(round: Round, subject: SiteId): SiteId {
  refuseUnless(
    round.phase === 'summed' && round.proxiesWanted.includes(subject),
    'WRONG_PHASE',
    `no proxy is wanted for ${subject}`,
  );
  return subject;
}

/** Sites that opened, in the order in which they did, once no more openings are awaited. */
async function openersOf({ rounds }: DownloadShell, id: RoundId, round: Round): Promise<SiteId[]> {
  const isOpened = round.phase === 'published' || (round.phase === 'opening' && round.complete);
  refuseUnless(isOpened, 'WRONG_PHASE', `the round is ${round.phase}: openings are still awaited`);
  return messagesAbout(await rounds.messages(id), 'opening', round.set.root).map(({ site }) => site);
}
