// Records of jobs, in words: who consented, who took that back, which model was made public, what was erased.
import type { Predicate } from '@blindsum/proto/tlog';
import { count } from '../check.ts';
import { digestFact, type RecordWords } from './record-words.ts';

export function ofManifest(manifest: Predicate<'manifest'>): RecordWords {
  const { job, manifestHash, rosterHash, author, consents } = manifest;
  return {
    sentence: `${count(consents.length, 'member')} consented to job ${job} before its first round.`,
    facts: [
      { name: 'Job', value: job },
      digestFact(
        'Consented',
        consents.map(({ member }) => member),
      ),
      digestFact('Author', author),
      digestFact('Manifest', manifestHash),
      digestFact('Roster', rosterHash),
    ],
  };
}

export function ofRelease(release: Predicate<'release'>): RecordWords {
  const { votes, threshold } = release;
  return {
    sentence: `The model after round ${release.round} of job ${release.job} was made public: ${count(votes.length, 'member')} voted for it, ${threshold} were needed.`,
    facts: [
      { name: 'Job', value: release.job },
      { name: 'Round', value: String(release.round) },
      digestFact(
        'Voted for it',
        votes.map(({ member }) => member),
      ),
      digestFact('Model', release.modelHash),
      digestFact('File', release.fileDigest),
      digestFact('Manifest', release.manifestHash),
      digestFact('Roster', release.rosterHash),
    ],
  };
}

export function ofConsent({ job, manifestHash, rosterHash, consent }: Predicate<'consent'>): RecordWords {
  return {
    sentence: `A member consented to job ${job} after it had started; it takes part from the next round on.`,
    facts: [
      { name: 'Job', value: job },
      digestFact('Consented', consent.member),
      digestFact('Manifest', manifestHash),
      digestFact('Roster', rosterHash),
    ],
  };
}

export function ofWithdrawal({ job, manifestHash, withdrawal }: Predicate<'withdrawal'>): RecordWords {
  return {
    sentence: `A member took its consent to job ${job} back; no round that begins later counts it in.`,
    facts: [
      { name: 'Job', value: job },
      digestFact('Withdrew', withdrawal.member),
      digestFact('Manifest', manifestHash),
    ],
  };
}

export function ofRedaction({ record, kind, job, reason }: Predicate<'redaction'>): RecordWords {
  return {
    sentence: `The body of a record of the kind ${kind} was erased. Its entry in the log stays, and proves that it was there.`,
    facts: [
      ...(job === '' ? [] : [{ name: 'Job', value: job }]),
      { name: 'Reason', value: reason },
      digestFact('Erased record', record),
    ],
  };
}
