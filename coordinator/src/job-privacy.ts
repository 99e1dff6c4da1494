// Who can read what in a job, as data: PROTOCOL.md in the terms of one manifest.
import { roundMinimum, roundThreshold, type JobId } from '@blindsum/proto';
import type { ReleaseStore } from './release/release-store.ts';
import { rosterOf, type StatusSource } from './status.ts';

type Kind = 'statistics' | 'training' | 'evaluation';

interface Flow {
  readonly what: string;
  readonly rounds: readonly Kind[];
  readonly form: 'encrypted' | 'sealed' | 'signed' | 'clear';
  readonly readers: 'nobody' | 'members' | 'operators' | 'everybody';
  readonly afterOpening: 'total' | 'nothing';
}

const ALL: readonly Kind[] = ['statistics', 'training', 'evaluation'];
const ENCRYPTED = { form: 'encrypted', readers: 'nobody', afterOpening: 'total' } as const;

const FLOWS: readonly Flow[] = [
  { what: 'sums and sums of squares of each column', rounds: ['statistics'], ...ENCRYPTED },
  { what: 'the change of the model, clipped', rounds: ['training'], ...ENCRYPTED },
  { what: 'how many rows the site has', rounds: ALL, ...ENCRYPTED },
  { what: 'loss, hits and a histogram of scores', rounds: ['training', 'evaluation'], ...ENCRYPTED },
  {
    what: 'shares of the one-time key, one for each member',
    rounds: ALL,
    ...{ form: 'sealed', readers: 'members', afterOpening: 'nothing' },
  },
  {
    what: 'sums of shares, of the whole contributor set',
    rounds: ALL,
    ...{ form: 'sealed', readers: 'members', afterOpening: 'nothing' },
  },
  {
    what: 'commitments, acknowledgements, checksums and attestations, under a pseudonym',
    rounds: ALL,
    ...{ form: 'signed', readers: 'everybody', afterOpening: 'nothing' },
  },
  {
    what: 'the model of the latest round, for members that were away',
    rounds: [],
    ...{ form: 'sealed', readers: 'members', afterOpening: 'nothing' },
  },
  {
    what: 'that it is there, its version, its backend, and the progress of its work',
    rounds: [],
    ...{ form: 'clear', readers: 'operators', afterOpening: 'nothing' },
  },
];

/** Refuses NOT_FOUND. */
export async function jobPrivacy(source: StatusSource, releases: Pick<ReleaseStore, 'list'>, job: JobId) {
  const { document } = await rosterOf(source, await source.reader.open(job), await source.jobRosters.chain());
  const { manifest, roster } = document;
  const { length } = roster.members;
  const isReleased = (await releases.list()).some(
    ({ id, release }) => id.job === job && release.state === 'available',
  );
  return {
    job,
    members: roster.members.map(({ site }) => site),
    threshold: roundThreshold(manifest, length),
    minimumContributors: roundMinimum(manifest, length),
    allowTwoSites: manifest.contributors.allowTwoSites,
    clipNorm: manifest.strategy.clipNorm,
    noise: null,
    modelReaders: isReleased ? ('everybody' as const) : ('members' as const),
    flows: FLOWS,
  };
}
