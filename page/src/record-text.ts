// What a record says, in words.
import { parseBase64 } from '@blindsum/proto';
import { toKeyHint } from '@blindsum/proto/provenance';
import { recordName, type LogRecord, type Predicate } from '@blindsum/proto/tlog';
import { count } from './check.ts';

/** A name and what is said under it; digests are set apart. */
export interface Fact {
  readonly name: string;
  readonly value: string | readonly string[];
  readonly isDigest?: boolean;
}

export interface RecordText {
  readonly title: string;
  readonly sentence: string;
  readonly facts: readonly Fact[];
}

/** The record in words. Members are named by pseudonym: no record holds a site's name. */
export function toRecordText(record: LogRecord): RecordText {
  const title = capitalised(recordName(record));
  switch (record.kind) {
    case 'round':
      return { title, ...ofRound(record.predicate) };
    case 'release':
      return { title, ...ofRelease(record.predicate) };
    case 'incident':
      return { title, ...ofIncident(record.predicate) };
    case 'charter':
      return { title, ...ofCharter(record.predicate) };
    case 'manifest':
      return { title, ...ofManifest(record.predicate) };
    case 'round-sealed':
      return { title, ...ofSealed(record.predicate) };
    case 'roster':
      return { title, ...ofRoster(record.predicate) };
    default:
      return {
        title,
        sentence: `A record of the kind ${record.kind}, of which only the name is shown here.`,
        facts: [],
      };
  }
}

const ROUND_NOUNS = { statistics: 'statistics', training: 'training', evaluation: 'evaluation' } as const;

function ofRound(round: Predicate<'round'>): Omit<RecordText, 'title'> {
  const { counts, setSize, excluded, threshold, metrics } = round;
  const left = excluded.length === 0 ? 'nobody was left out' : `${excluded.length} left out`;
  return {
    sentence: `${setSize} of ${count(counts.roster, 'site')} contributed to this ${ROUND_NOUNS[round.kind]} round; ${left}.`,
    facts: [
      { name: 'Job', value: round.job },
      { name: 'Round', value: `${round.round}, attempt ${round.attempt} (${ROUND_NOUNS[round.kind]})` },
      {
        name: 'Sites',
        value: `${counts.roster} in the roster, ${counts.committed} committed, ${counts.sealed} in the sealed set`,
      },
      { name: 'Threshold', value: `any ${threshold} sites together open the sum; fewer cannot` },
      ...toExcluded(excluded),
      { name: 'Signed results', value: count(round.attestations.length, 'attestation') },
      ...toTotals(metrics),
      { name: 'Model after it', value: round.modelHash, isDigest: true },
      { name: 'Model before it', value: round.baseModelHash, isDigest: true },
      { name: 'Contributor set', value: round.setRoot, isDigest: true },
      { name: 'Encrypted sum', value: round.sumRoot, isDigest: true },
      { name: 'Manifest', value: round.manifestHash, isDigest: true },
      { name: 'Roster', value: round.rosterHash, isDigest: true },
      round.previousRecord === ''
        ? { name: 'Record before', value: 'none: the first round of the job' }
        : { name: 'Record before', value: round.previousRecord, isDigest: true },
      { name: 'Coordinator', value: `version ${round.coordinatorVersion}, parameters ${round.parameterSet}` },
    ],
  };
}

function ofCharter({ federation, origin, recordKey }: Predicate<'charter'>): Omit<RecordText, 'title'> {
  const key = toKeyHint(parseBase64(recordKey, 'record key'));
  return {
    sentence: `The log of the federation ${federation} begins with this record, which names the key that signs its records.`,
    facts: [
      { name: 'Federation', value: federation },
      { name: 'Log', value: origin },
      { name: 'Record key', value: key, isDigest: true },
    ],
  };
}

function ofManifest(manifest: Predicate<'manifest'>): Omit<RecordText, 'title'> {
  const { job, manifestHash, rosterHash, author, consents } = manifest;
  return {
    sentence: `${count(consents.length, 'member')} consented to job ${job} before its first round.`,
    facts: [
      { name: 'Job', value: job },
      { name: 'Consented', value: consents.map(({ member }) => member), isDigest: true },
      { name: 'Author', value: author, isDigest: true },
      { name: 'Manifest', value: manifestHash, isDigest: true },
      { name: 'Roster', value: rosterHash, isDigest: true },
    ],
  };
}

function ofSealed(sealed: Predicate<'round-sealed'>): Omit<RecordText, 'title'> {
  const { job, round, attempt, members, excluded, setRoot, rosterHash } = sealed;
  return {
    sentence: `${count(members.length, 'site')} were fixed as the contributors, before anything of them was opened.`,
    facts: [
      { name: 'Job', value: job },
      { name: 'Round', value: `${round}, attempt ${attempt}` },
      { name: 'Contributors', value: members, isDigest: true },
      ...toExcluded(excluded),
      { name: 'Contributor set', value: setRoot, isDigest: true },
      { name: 'Roster', value: rosterHash, isDigest: true },
    ],
  };
}

function ofRelease(release: Predicate<'release'>): Omit<RecordText, 'title'> {
  const { votes, threshold } = release;
  return {
    sentence: `The model after round ${release.round} of job ${release.job} was made public: ${count(votes.length, 'member')} voted for it, ${threshold} were needed.`,
    facts: [
      { name: 'Job', value: release.job },
      { name: 'Round', value: String(release.round) },
      { name: 'Voted for it', value: votes.map(({ member }) => member), isDigest: true },
      { name: 'Model', value: release.modelHash, isDigest: true },
      { name: 'File', value: release.fileDigest, isDigest: true },
      { name: 'Manifest', value: release.manifestHash, isDigest: true },
      { name: 'Roster', value: release.rosterHash, isDigest: true },
    ],
  };
}

function ofIncident({
  job,
  round,
  attempt,
  reason,
  excluded,
}: Predicate<'incident'>): Omit<RecordText, 'title'> {
  return {
    sentence: `Attempt ${attempt} of round ${round} of job ${job} failed: ${reason}.`,
    facts: [
      { name: 'Job', value: job },
      { name: 'Round', value: `${round}, attempt ${attempt}` },
      { name: 'Reason', value: reason },
      ...toExcluded(excluded),
    ],
  };
}

function ofRoster(roster: Predicate<'roster'>): Omit<RecordText, 'title'> {
  return {
    sentence: `${count(roster.members.length, 'member')} of the federation ${roster.federation}.`,
    facts: [
      { name: 'Version', value: String(roster.version) },
      { name: 'Members', value: roster.members.map(({ member }) => member), isDigest: true },
      { name: 'Roster', value: roster.rosterHash, isDigest: true },
    ],
  };
}

function toExcluded(excluded: Predicate<'round'>['excluded']): Fact[] {
  const lines = excluded.map(({ member, reason }) => `${member.slice(0, 16)}…: ${reason}`);
  return [{ name: 'Left out', value: lines.length > 0 ? lines : 'nobody' }];
}

function toTotals(metrics: Predicate<'round'>['metrics']): Fact[] {
  const lines = Object.entries(metrics).map(toTotal);
  return [{ name: 'Totals', value: lines.length > 0 ? lines : 'none published' }];
}

/** A total in its unit: rates are written in millionths, because records hold whole numbers. */
function toTotal([name, value]: readonly [string, number]): string {
  const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  const rate = /^(.+) millionths$/.exec(words)?.[1];
  return rate === undefined
    ? `${words}: ${value.toLocaleString('en')}`
    : `${rate}: ${(value / 1e6).toFixed(4)}`;
}

function capitalised(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
