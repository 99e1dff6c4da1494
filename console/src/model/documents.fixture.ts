// Documents of a federation in which all is well, with changes laid over them.
import type { JobDocument, OverviewDocument, RoundDocument, SiteDocument } from './documents.ts';

export const NOW = 1_000_000_000_000;
export const site = (name: string, changes: Partial<SiteDocument> = {}): SiteDocument => ({
  site: name,
  fingerprint: '',
  online: true,
  certificate: { expiresMs: NOW + 1e9, state: 'valid' },
  revoked: null,
  admittedMs: NOW,
  lastSeenMs: NOW,
  version: '0.1.0',
  backend: 'cpu',
  activity: 'idle',
  permille: 0,
  ...changes,
});
export const job = (changes: Partial<JobDocument> = {}): JobDocument => ({
  job: 'a-job',
  description: '',
  state: 'running',
  queuePosition: null,
  submittedMs: NOW,
  trainingRounds: 5,
  parameters: 1,
  current: { round: 1, attempt: 1, phase: 'collecting', sitesIn: 1, awaited: [], isCarried: false },
  roster: { version: 1, waits: null },
  modelHash: null,
  failure: null,
  withdrawn: [],
  bytesOnDisk: 0,
  ...changes,
});
export const overview = (changes: Partial<OverviewDocument> = {}): OverviewDocument => ({
  federation: 'test.example',
  version: '0.1.0',
  startedMs: NOW,
  certificate: { expiresMs: NOW + 1e9, state: 'valid' },
  timestamps: null,
  disk: { state: 'ok', freeBytes: 1, reserveBytes: 0 },
  log: {
    ...{ origin: 'test.example', size: 1, root: '', verifierKey: '', stopped: null },
    ...{ cosignedSize: 0, quorum: [], witnesses: [] },
  },
  jobs: [job()],
  sites: [site('hospital-a')],
  ...changes,
});
export const round = (changes: Partial<RoundDocument> = {}): RoundDocument => ({
  ...{ job: 'a-job', round: 1, attempt: 1, kind: 'training', phase: 'published', startedMs: NOW },
  ...{ deadlineMs: null, context: '', baseModelHash: '' },
  ...{ contributors: ['hospital-a'], leftOut: [], awaited: [], isCarried: false },
  ...{ setRoot: null, sumRoot: null, modelHash: null, failure: null },
  phases: [
    { phase: 'collecting', atMs: NOW },
    { phase: 'opening', atMs: NOW + 3000 },
    { phase: 'published', atMs: NOW + 4000 },
  ],
  traffic: [],
  ...changes,
});
