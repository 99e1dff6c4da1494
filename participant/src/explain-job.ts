// What a job would do with this site's rows, in plain words, for the person who decides. Pure.
import {
  authorFingerprint,
  CHUNK_BYTES,
  payloadLayout,
  SEALED_SHARE_BYTES,
  type Manifest,
  type Roster,
  type SiteId,
} from '@blindsum/proto';
import type { Verdict } from './policy/review-policy.ts';

export interface Explained {
  readonly manifest: Manifest;
  readonly roster: Roster;
  readonly site: SiteId;
}

/** Lines for people; nothing in them was decided by the coordinator but what the author signed, and who is in the roster. */
export function explainJob(job: Explained): string[] {
  const { manifest } = job;
  const { author, data, description, federation } = manifest;
  const features = data.features.map(({ column, type }) => `${column} (${type})`);
  const { column, positive, negative } = data.label;
  return [
    `Job ${manifest.job} of ${federation}${description === '' ? '' : `: ${description}`}`,
    `Author: ${author.name}, key ${authorFingerprint(author)}; the signature over these terms is theirs.`,
    '',
    `It reads these columns of your rows: ${features.join(', ')};`,
    `and learns to predict ${column}: ${positive} or ${negative}.`,
    ...explainUse(manifest),
    '',
    ...explainSending(job),
    '',
    ...explainOthers(job),
  ];
}

function explainUse({ model, training, rounds, strategy }: Manifest): string[] {
  const rowsCount = strategy.weighting === 'examples' ? 'by how many rows it has' : 'the same';
  return [
    `Your rows are used ${rounds + 2} times, on this machine: once for sums over each numeric column, ${rounds} times to train ` +
      `(${training.epochs} passes each) a network of ${model.parameters} parameters, and once to measure the result.`,
    `An update is clipped to a norm of ${strategy.clipNorm} and counts ${rowsCount}, at most ${strategy.maxExamples} rows.`,
  ];
}

function explainSending({ manifest, roster }: Explained): string[] {
  const sites = roster.members.length;
  const bytes = payloadLayout(manifest, 'training').chunks * CHUNK_BYTES + sites * SEALED_SHARE_BYTES;
  return [
    'What leaves this site, each round:',
    `  the update with counts and scores, encrypted under a key of its own: about ${Math.ceil(bytes / 1024)} KiB. Nobody can read it alone.`,
    '  shares of that key, each sealed to one member.',
    '  signatures, hashes, and the scores over all sites together, which are public.',
    'No row, no column and no readable update leaves it. There is no differential privacy: what sums over all sites say about ' +
      'single rows, they say.',
  ];
}

function explainOthers({ manifest, roster, site }: Explained): string[] {
  const { contributors, threshold, lateSites } = manifest;
  const others = roster.members.map((member) => member.site).filter((member) => member !== site);
  return [
    `With you: ${others.join(', ')}.`,
    `Only sums over ${contributors.minimum} or more sites are opened, by ${threshold} of the ${roster.members.length} members together; ` +
      'the coordinator and its operator can open nothing.',
    manifest.roster === 'follow'
      ? `Members may change between rounds, up to ${contributors.capacity}: never to a roster that this site has not accepted.`
      : 'The members stay the same to the end of the job.',
    `A site that misses a round ${lateSites === 'refused' ? 'contributes to no later one' : 'may contribute to later ones'}.`,
    'The result is one model, which every member has and the operator has not. It cannot be taken back from them; ' +
      'you may withdraw at any time, and count no more from the next round on.',
  ];
}

/** One line for each rule, those that forbid first. */
export function explainVerdicts(verdicts: readonly Verdict[]): string[] {
  const line = ({ rule, isAllowed, says }: Verdict) =>
    `  ${isAllowed ? 'allows ' : 'FORBIDS'} ${rule}: ${says}`;
  return verdicts.toSorted((a, b) => Number(a.isAllowed) - Number(b.isAllowed)).map(line);
}
