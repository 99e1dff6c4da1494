// A site with a history, for tests of what is shown of it.
import { encodeRoster, manifestHash, rosterHash, type Digest, type JobId } from '@blindsum/proto';
import { verifyEd25519 } from '@blindsum/proto/node';
import { createTestFederation, createTestManifest, documentsOf } from '../../../test/fixtures/federation.ts';
import { ALLOW_ALL } from '../../../test/fixtures/policies.ts';
import type { SentTotal } from '../activity/sent-ledger.ts';
import type { JobWork, StoredOffer } from '../activity/work-book.ts';
import { MemoryJournal } from '../journal/memory-journal.ts';
import { parsePolicy } from '../policy/policy.ts';
import type { SiteSources } from './site-sources.ts';

export const NOW_MS = Date.UTC(2026, 10, 28, 12);
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const federation = createTestFederation();
export const ROSTER = federation.roster;
/** A name with what would be markup, and a sentence with more of it: sources of a page that are not ours. */
export const HOSTILE = `<script>alert('x')</script>"&`;

export function manifestOf(job: string, changes: Record<string, unknown> = {}) {
  return createTestManifest(ROSTER, { job, rounds: 10, ...changes });
}

export interface SampleChanges {
  readonly journal?: MemoryJournal;
  readonly offers?: readonly StoredOffer[];
  readonly works?: readonly JobWork[];
  readonly totals?: readonly SentTotal[];
  readonly others?: Partial<SiteSources>;
}

/** hospital-a, which takes part in one job, has left another one, and is asked about a third one. */
export function sampleSources(changes: SampleChanges = {}): SiteSources {
  const { journal = sampleJournal(), offers = SAMPLE_OFFERS, works = SAMPLE_WORKS } = changes;
  return {
    nowMs: NOW_MS,
    site: 'hospital-a',
    federation: 'test.example',
    fingerprint: '3f1c-09aa-77d2-51b0-aa00-4e4e-9b1d-0c2f-8e6a-d431',
    coordinator: 'coordinator.test.example:7443',
    trusted: ['hospital-b', 'hospital-c'],
    certificate: { expiresMs: NOW_MS + 62 * DAY_MS, renewsMs: NOW_MS + 32 * DAY_MS, isExpiring: false },
    policy: { file: '/etc/blindsum/policy.yaml', rules: parsePolicy(ALLOW_ALL), problem: '' },
    backend: 'auto',
    isRunning: true,
    version: '0.1.0',
    journal,
    sent: {
      totals: () => changes.totals ?? SAMPLE_TOTALS,
      contact: () => ({ answeredMs: NOW_MS - 3_000 }),
    },
    work: {
      offers: () => offers,
      works: () => works,
      start: () => ({ version: '0.1.0', startedMs: NOW_MS - 3 * DAY_MS }),
    },
    disk: {
      folder: '/var/lib/blindsum-site',
      kinds: [
        { what: 'rounds under way', bytes: 8_650_752, files: 4 },
        { what: 'models', bytes: 3_145_728, files: 6 },
        { what: 'journal', bytes: 412_000, files: 3 },
        { what: 'receipts of the log', bytes: 96_000, files: 24 },
        { what: 'keys and certificate', bytes: 9_200, files: 5 },
      ],
      bytes: 12_313_680,
      freeBytes: 182 * 2 ** 30,
    },
    gpu: {
      state: 'present',
      devices: [{ name: 'NVIDIA L4', busyPercent: 37, usedMiB: 2_110, totalMiB: 23_034 }],
    },
    verify: verifyEd25519,
    ...changes.others,
  };
}

export function offerOf(job: string, changes: Record<string, unknown> = {}): StoredOffer {
  const documents = documentsOf(manifestOf(job, changes), ROSTER);
  return { job, ...documents, firstMs: NOW_MS - 2 * DAY_MS, lastMs: NOW_MS - MINUTE_MS };
}

const SAMPLE_OFFERS = [
  offerOf('heart-failure', { description: 'Readmission within thirty days, from discharge data' }),
  offerOf('sepsis-early', { description: HOSTILE }),
  offerOf('length-of-stay'),
];

const SAMPLE_WORKS: readonly JobWork[] = [
  {
    job: 'heart-failure',
    consentedMs: NOW_MS - DAY_MS,
    doing: {
      ...{ activity: 'training', permille: 620, round: 4, attempt: 1, kind: 'training' },
      sinceMs: NOW_MS - 40_000,
      atMs: NOW_MS - 400,
    },
    training: { backend: 'wasm', ms: 61_000, atMs: NOW_MS - 4 * MINUTE_MS },
  },
  {
    job: 'sepsis-early',
    stop: { code: 'APPROVAL_NEEDED', detail: 'somebody has to approve it', atMs: NOW_MS - 5 * MINUTE_MS },
  },
  {
    job: 'length-of-stay',
    consentedMs: NOW_MS - 2 * DAY_MS,
    end: { how: 'withdrawn from round 3 on', atMs: NOW_MS - DAY_MS },
  },
];

function sampleJournal(): MemoryJournal {
  const journal = new MemoryJournal();
  const message = { payload: new Uint8Array(3), signature: new Uint8Array(64) };
  const files = { ciphertext: 'c', shares: 's' };
  const hash = rosterHash(ROSTER);
  journal.recordRoster({ version: 1, hash, roster: encodeRoster(ROSTER), isAccepted: true });
  const bytes = new Uint8Array(32).fill(0x5c);
  const key = { name: 'test.example', type: 'ed25519', keyId: bytes.slice(0, 4), publicKey: bytes } as const;
  journal.log.adopt({ key, recordKey: bytes }, { size: 1_284n, root: bytes, note: '' });
  const decide = (name: string, verdict: 'approved' | 'withdrawn', reason: string) => {
    const about = { manifestHash: manifestHash(manifestOf(name)), rosterHash: hash };
    journal.recordConsent(name as JobId, { ...about, message });
    const by = { decidedBy: 'dr-lovelace', reason, atMs: NOW_MS - DAY_MS };
    journal.recordDecision(name as JobId, { verdict, ...about, ...by });
  };
  decide('heart-failure', 'approved', 'ethics board 17/2026');
  decide('length-of-stay', 'withdrawn', 'ward data is being migrated');
  for (let round = 0; round < 5; round++)
    journal.recordCommitment({ job: 'heart-failure' as JobId, round, attempt: 1 }, { message, files });
  for (let round = 0; round < 3; round++)
    journal.recordCommitment({ job: 'length-of-stay' as JobId, round, attempt: 1 }, { message, files });
  journal.recordWithdrawal('length-of-stay' as JobId, { fromRound: 3, message });
  journal.recordModel('heart-failure' as JobId, {
    ...{ round: 3, hash: 'b7'.repeat(32) as Digest, file: 'round-3.bin' },
  });
  for (let round = 0; round < 4; round++) {
    const id = { job: 'heart-failure' as JobId, round, attempt: 1 };
    journal.log.recordPromise(id, message);
    if (round < 3) journal.log.settle(id);
  }
  return journal;
}

/** Four rounds of one job, as they would be sent. */
const SAMPLE_TOTALS: readonly SentTotal[] = [
  total('heartbeat', undefined, { times: 4_320, bytes: 216_000, agoMs: 5_000 }),
  total('question', undefined, { times: 9_214, bytes: 380_112, agoMs: 3_000 }),
  total('consent', undefined, { times: 1, bytes: 391, agoMs: DAY_MS }),
  total('cosignature', undefined, { times: 96, bytes: 19_700, agoMs: 4 * MINUTE_MS }),
  ...[3, 2, 1, 0].flatMap((round) => {
    const agoMs = (4 - round) * 4 * MINUTE_MS;
    return [
      total('ciphertext', round, { times: 1, bytes: round === 0 ? 32_830 : 4_096_120, agoMs }),
      total('shares', round, { times: 1, bytes: 98_470, agoMs }),
      total('commitment', round, { times: 1, bytes: 520, agoMs }),
      total('acknowledgement', round, { times: 1, bytes: 402, agoMs }),
      total('checksum', round, { times: 1, bytes: 612, agoMs }),
      total('sealed-opening', round, { times: 1, bytes: 98_470, agoMs }),
      total('opening', round, { times: 1, bytes: 488, agoMs }),
      total('attestation', round, { times: 1, bytes: 731, agoMs }),
    ];
  }),
];

function total(
  kind: SentTotal['kind'],
  round: number | undefined,
  { times, bytes, agoMs }: { readonly times: number; readonly bytes: number; readonly agoMs: number },
): SentTotal {
  const lastMs = NOW_MS - agoMs;
  const about = round === undefined ? {} : { job: 'heart-failure', round, attempt: 1 };
  return { kind, ...about, times, bytes, firstMs: Math.min(lastMs, NOW_MS - 3 * DAY_MS), lastMs };
}
