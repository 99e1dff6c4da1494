// Records of rounds, in words: sealed sets, results, attempts that failed.
import type { Predicate } from '@blindsum/proto/tlog';
import { count } from '../check.ts';
import { digestFact, previousFact, type Fact, type RecordWords } from './record-words.ts';

const ROUND_NOUNS = { statistics: 'statistics', training: 'training', evaluation: 'evaluation' } as const;

export function ofRound(round: Predicate<'round'>): RecordWords {
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
      digestFact('Model after it', round.modelHash),
      digestFact('Model before it', round.baseModelHash),
      digestFact('Contributor set', round.setRoot),
      digestFact('Encrypted sum', round.sumRoot),
      digestFact('Manifest', round.manifestHash),
      digestFact('Roster', round.rosterHash),
      previousFact(round.previousRecord, 'the first round of the job'),
      { name: 'Coordinator', value: `version ${round.coordinatorVersion}, parameters ${round.parameterSet}` },
    ],
  };
}

export function ofSealed(sealed: Predicate<'round-sealed'>): RecordWords {
  const { job, round, attempt, members, excluded, setRoot, rosterHash } = sealed;
  return {
    sentence: `${count(members.length, 'site')} were fixed as the contributors, before anything of them was opened.`,
    facts: [
      { name: 'Job', value: job },
      { name: 'Round', value: `${round}, attempt ${attempt}` },
      digestFact('Contributors', members),
      ...toExcluded(excluded),
      digestFact('Contributor set', setRoot),
      digestFact('Roster', rosterHash),
    ],
  };
}

export function ofIncident({ job, round, attempt, reason, excluded }: Predicate<'incident'>): RecordWords {
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
