// README.md of a released model, from the records in the log: what it is, whose updates are in it, what came out, and what of that
// is proven. Members by pseudonym, as in the log.
import { authorPseudonym, toNumber, type Digest, type Manifest } from '@blindsum/proto';
import type { Predicate } from '@blindsum/proto/tlog';
import type { RoundId } from '../ports.ts';

/** A round of the job, or that its record was erased. */
export type CardRound = Predicate<'round'> | { readonly round: number; readonly erased: true };

export interface CardFacts {
  readonly id: RoundId;
  readonly manifest: Manifest;
  readonly release: Predicate<'release'>;
  /** Of the record of the release. */
  readonly entry: number;
  readonly logOrigin: string;
  /** From round 0 to that of the model. */
  readonly rounds: readonly CardRound[];
}

/** The text; ends in a newline. */
export function createModelCard(facts: CardFacts): string {
  const { id, manifest } = facts;
  return [
    `# Model of round ${id.round} of job ${id.job}`,
    '',
    'Trained by members of a federation on rows that never left them; only sums over several members were ever opened.',
    ...(manifest.description === '' ? [] : ['', ...quote(manifest.description)]),
    '',
    ...describeTerms(facts),
    '',
    ...describeUse(manifest),
    '',
    '## Who contributed',
    '',
    'Members are named by pseudonym. Whoever is not listed for a round was left out of its sum, for the reason that its record in the log gives.',
    '',
    ...table(['member', 'rounds'], contributorRows(facts.rounds)),
    '',
    '## What came out',
    '',
    'Totals over all contributors of a round; nothing is known here about a single member.',
    '',
    ...table(['round', 'kind', 'contributors', 'totals'], facts.rounds.map(roundRow)),
    '',
    ...describeProof(facts),
    '',
  ].join('\n');
}

function describeTerms({ manifest, release, id }: CardFacts): string[] {
  const { model, training, strategy, contributors } = manifest;
  const layers =
    model.hidden.length === 0 ? 'logistic regression' : `hidden layers of ${model.hidden.join(', ')}`;
  return [
    '## What it is',
    '',
    ...table(
      ['', ''],
      [
        ['federation', manifest.federation],
        ['job, round', `${id.job}, ${id.round} of ${manifest.rounds} training rounds`],
        ['model', `${layers}, ${model.activation}, ${model.parameters} parameters`],
        [
          'training',
          `${training.epochs} epochs a round, batches of ${training.batchSize}, ${training.optimizer.kind} at ${training.optimizer.learningRate}`,
        ],
        [
          'updates',
          `L2 norm at most ${toNumber(strategy.clipNorm)}, weighted by ${strategy.weighting}, at most ${strategy.maxExamples} rows a member`,
        ],
        ['least contributors of a sum', String(contributors.minimum)],
        ['members that open, attest and release', `at least ${release.threshold}`],
        ['author (pseudonym)', code(authorPseudonym(manifest.author))],
        ['manifest', code(release.manifestHash)],
        ['model hash', code(release.modelHash)],
        ['SHA-256 of model.bin', code(release.fileDigest)],
      ],
    ),
  ];
}

function describeUse({ data }: Manifest): string[] {
  return [
    '## How to use it',
    '',
    '`model.json` says where each tensor is in `model.bin`, how inputs are standardised, and how a prediction is computed. `blindsum-site predict` does that for a CSV file.',
    '',
    `It takes ${data.features.length} columns and predicts ${code(data.label.column)}: the probability of ${code(data.label.positive)}. It was made for rows like those of the members that trained it; for others its figures below say nothing.`,
  ];
}

function describeProof({ release, entry, logOrigin }: CardFacts): string[] {
  return [
    '## What is proven, and what is not',
    '',
    `Entry ${entry} of the log ${code(logOrigin)} is the release of this model, with the votes of ${release.votes.length} members; \`provenance.sigstore.json\` holds it, with the proof that it is in the log. \`model.sig\` (OpenSSF Model Signing) lists the files of this folder.`,
    '',
    '- Proven: this file is the one that those members voted for, and the one whose hash they attested after the round. The log names each round that led to it, its contributors, and why others were left out.',
    '- Proven: every sum that was opened is that of the ciphertexts which its contributors signed for.',
    '- Not proven: that members trained on true rows, or as the manifest says. Norms are bounded by each member itself.',
    '- Not given: differential privacy. No noise was added, so that the model may tell something about rows it was trained on.',
    '- Not examined: whether the model is fit for any use, or fair.',
  ];
}

function contributorRows(rounds: readonly CardRound[]): string[][] {
  const byMember = new Map<Digest, number[]>();
  for (const record of rounds)
    if (!('erased' in record))
      for (const { member } of record.commitments)
        byMember.set(member, [...(byMember.get(member) ?? []), record.round]);
  return [...byMember].map(([member, list]) => [code(member), toRanges(list)]);
}

function roundRow(record: CardRound): string[] {
  if ('erased' in record) return [String(record.round), '', '', 'its record was erased'];
  const { round, kind, counts, metrics } = record;
  const totals = Object.entries(metrics).map(([name, value]) => toTotal(name, value));
  return [String(round), kind, `${counts.sealed} of ${counts.roster}`, totals.join(', ')];
}

/** Shares are logged in millionths. */
function toTotal(name: string, value: number): string {
  const share = /^(.*)Millionths$/.exec(name)?.[1];
  return share === undefined ? `${name} ${value}` : `${share} ${(value / 1e6).toFixed(4)}`;
}

/** `0-3, 5`; of numbers in ascending order. */
export function toRanges(numbers: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last?.[1] === number - 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(', ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

/** Text of somebody else stays text: it cannot end the code span, or the cell. */
function code(text: string): string {
  return `\`${text.replace(/[`|\r\n]/g, ' ')}\``;
}

/** What the author wrote, line by line, and as nothing but text. */
function quote(text: string): string[] {
  return text
    .split(/\r\n|[\r\n\u2028\u2029]/)
    .map((line) => `> ${line.replace(/[\\`*_{}[\]<>#|!&]/g, '\\$&')}`);
}
