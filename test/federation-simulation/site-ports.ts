// A site's two ports to the coordinator, over the simulated network and with the files on the site's simulated disk. They do what
// participant/src/rpc does over gRPC.
import { readFileSync, statSync } from 'node:fs';
import { create } from '@bufbuild/protobuf';
import {
  concat,
  PART_BYTES,
  parseJobId,
  refuseUnless,
  sha256,
  toHex,
  type Bytes,
  type JobId,
  type SiteId,
  type SignedMessage,
} from '@blindsum/proto';
import {
  BlobKind,
  UploadRequestSchema,
  WatchRoundResponseSchema,
  type UploadRequest,
} from '@blindsum/proto/rpc';
import type {
  Coordinator,
  DownloadSource,
  DownloadTarget,
  JobListing,
  RosterSource,
  RoundMessageType,
  SealedRecord,
  Transfers,
  UploadKind,
} from '../../participant/src/ports.ts';
import { parseJobSnapshot, parseJobState } from '../../participant/src/rpc/parse-job-snapshot.ts';
import type { RoundReference } from '../../participant/src/session/round-snapshot.ts';
import { writeDurably } from '../../participant/src/write-durably.ts';
import type { Incarnation } from './incarnation.ts';
import type { Caller, Services } from './coordinator-services.ts';
import type { Call, SimulatedNetwork } from './simulated-network.ts';
import type { SiteWitness } from './site-witness.ts';

const KINDS: Record<UploadKind, BlobKind> = {
  ciphertext: BlobKind.CIPHERTEXT,
  shares: BlobKind.SHARES,
  opening: BlobKind.OPENING,
  checkpoint: BlobKind.CHECKPOINT,
  model: BlobKind.MODEL,
};

const METHODS: Record<
  Exclude<RoundMessageType, 'commitment'>,
  { readonly method: keyof Services['rounds']; readonly field: string }
> = {
  acknowledgement: { method: 'acknowledge', field: 'acknowledgement' },
  complaint: { method: 'complain', field: 'complaint' },
  checksum: { method: 'submitChecksum', field: 'checksum' },
  opening: { method: 'open', field: 'opening' },
  attestation: { method: 'attest', field: 'attestation' },
  checkpoint: { method: 'offerCheckpoint', field: 'checkpoint' },
  'checkpoint-complaint': { method: 'complainAboutCheckpoint', field: 'complaint' },
};

interface Line {
  readonly site: SiteId;
  readonly process: Incarnation;
  readonly network: SimulatedNetwork;
  readonly witness: SiteWitness;
}

export function connectSite(line: Line): {
  readonly coordinator: Coordinator;
  readonly transfers: Transfers;
  readonly source: RosterSource;
} {
  const call: CallCoordinator = (what, ask) => line.network.call(line.process, line.site, { what, ask });
  const { witness } = line;
  return {
    coordinator: toCoordinator(call, witness),
    transfers: toTransfers(call, witness),
    source: toRosterSource(call),
  };
}

type CallCoordinator = <T>(what: string, ask: Call<T>['ask']) => Promise<T>;

function toCoordinator(call: CallCoordinator, witness: SiteWitness): Coordinator {
  return {
    async listJobs() {
      const { jobs } = await call('lists jobs', ({ jobs }, caller) => jobs.listJobs(caller, {} as never));
      return jobs!.map(({ job, state }): JobListing => ({
        job: parseJobId(job!),
        state: parseJobState(state!),
      }));
    },
    async job(job) {
      const { manifest, roster, authorSignature } = await call('reads the job', ({ jobs }, caller) =>
        jobs.getJob(caller, { job } as never),
      );
      return {
        manifest: manifest as Bytes,
        roster: roster as Bytes,
        authorSignature: authorSignature as Bytes,
      };
    },
    async watch(job: JobId, knownVersion: bigint, waitMs: number) {
      const askedAt = witness.latestVersion;
      const answer = await call('watches', ({ rounds }, caller) =>
        rounds.watchRound(caller, { job, knownVersion, waitMs } as never),
      );
      const view = parseJobSnapshot(create(WatchRoundResponseSchema, answer as never));
      witness.sees(view, askedAt);
      return view;
    },
    async sendConsent(job, consent) {
      witness.sends('consent', consent.payload);
      await call('consents', ({ jobs }, caller) => jobs.consent(caller, { job, consent } as never));
    },
    async sendWithdrawal(job, withdrawal) {
      await call('withdraws', ({ jobs }, caller) => jobs.withdraw(caller, { job, withdrawal } as never));
    },
    async send(type, ref, message) {
      witness.sends(type, message.payload, ref);
      const { method, field } = METHODS[type];
      await call<unknown>(`sends ${type} of ${ref.round}-${ref.attempt}`, ({ rounds }, caller) =>
        rounds[method](caller, { ref, [field]: message } as never),
      );
    },
    async commit(ref, message) {
      witness.sends('commitment', message.payload, ref);
      const { promise } = await call(
        `sends commitment of ${ref.round}-${ref.attempt}`,
        ({ rounds }, caller) => rounds.commit(caller, { ref, commitment: message } as never),
      );
      return promise as SignedMessage;
    },
    heartbeat: async () => ({ intervalMs: 60_000 }),
  };
}

function toRosterSource(call: CallCoordinator): RosterSource {
  return {
    async rosters(fromVersion) {
      const { links, more, proposal } = await call('asks for rosters', ({ rosters }, caller) =>
        rosters.getRosterChain(caller, { fromVersion } as never),
      );
      const shown = { links: links ?? [], more: more ?? false, proposal };
      return shown as unknown as Awaited<ReturnType<RosterSource['rosters']>>;
    },
    async approveRoster(approval) {
      await call('approves a roster', ({ rosters }, caller) =>
        rosters.approveRoster(caller, { approval } as never),
      );
    },
    refuseRoster: async () => undefined,
  };
}

function toTransfers(call: CallCoordinator, witness: SiteWitness): Transfers {
  return {
    async upload(ref, kind, path, onStart) {
      const bytes = new Uint8Array(readFileSync(path));
      const blob = { ref, kind, content: kind === 'checkpoint' ? toHex(sha256(bytes)) : '' };
      const status = await call(`asks for ${kind}`, ({ uploads }, caller) =>
        uploads.getUploadStatus(caller, { ref, kind: KINDS[kind] } as never),
      );
      const start = Number(status.committedOffset);
      refuseUnless(start <= bytes.length, 'MALFORMED', 'an offset beyond the file');
      witness.confirmed(blob, start);
      onStart?.(start);
      if (start === bytes.length) return 0;
      witness.uploads(blob, start);
      const header = { ref, kind: KINDS[kind], size: BigInt(bytes.length), offset: BigInt(start) };
      const { committedOffset } = await call(`uploads ${kind}`, ({ uploads }, caller, isCut) =>
        uploads.upload(caller, requests(header, bytes.subarray(start), isCut)),
      );
      witness.confirmed(blob, Number(committedOffset));
      refuseUnless(Number(committedOffset) === bytes.length, 'UNAVAILABLE', 'the stream broke');
      return bytes.length - start;
    },
    async download(ref, source, target) {
      if (isComplete(target)) return;
      const parts = await call(`downloads ${source.kind}`, ({ downloads }, caller) =>
        collect(bulkOf(downloads, caller, { ref, source })),
      );
      writeDurably(target.path, concat(...parts.map((part) => (part as { readonly data: Bytes }).data)));
    },
    async records(ref, kind, limit) {
      const records = await call(`downloads ${kind}`, ({ downloads }, caller) =>
        collect(
          downloads[kind === 'shares' ? 'downloadShares' : 'downloadOpenings'](caller, { ref } as never),
        ),
      );
      refuseUnless(records.length <= limit, 'MALFORMED', 'more records than sites');
      return records as unknown as SealedRecord[];
    },
  };
}

interface Bulk {
  readonly ref: RoundReference;
  readonly source: DownloadSource;
}

function bulkOf(
  downloads: Services['downloads'],
  caller: Caller,
  { ref, source }: Bulk,
): AsyncIterable<object> {
  if (source.kind === 'sum') return downloads.downloadSum(caller, { ref, firstPart: 0 } as never);
  const request = { ref, site: source.site, firstPart: 0 } as never;
  return source.kind === 'checkpoint'
    ? downloads.downloadCheckpoint(caller, request)
    : downloads.downloadContribution(caller, request);
}

async function* requests(header: object, bytes: Bytes, isCut: boolean): AsyncGenerator<UploadRequest> {
  yield create(UploadRequestSchema, { message: { case: 'header', value: header as never } });
  const end = isCut ? bytes.length / 2 : bytes.length;
  for (let at = 0; at < end; at += PART_BYTES)
    yield create(UploadRequestSchema, { message: { case: 'part', value: bytes.slice(at, at + PART_BYTES) } });
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

function isComplete({ path, bytes }: DownloadTarget): boolean {
  try {
    return statSync(path).size === bytes;
  } catch {
    return false;
  }
}
