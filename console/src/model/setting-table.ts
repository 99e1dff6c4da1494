// Every setting of a job file, with what it means and what follows from it. A test compares the names with those of the schema.

export interface Setting {
  readonly path: string;
  readonly group: GroupName;
  readonly meaning: string;
  /** What holds without it; undefined for a setting that must be given. */
  readonly unless?: string;
}

export type GroupName = 'Job' | 'Model' | 'Training' | 'Aggregation' | 'Who takes part' | 'Waits' | 'Data';

type Row = readonly [path: string, meaning: string, unless?: string];

const JOB: readonly Row[] = [
  [
    'job',
    'Name of the job: 1 to 63 of a–z, 0–9 and hyphens. No other job of the federation may have had it.',
  ],
  [
    'description',
    'For the people at the sites who decide whether to take part. At most 1000 characters.',
    'empty',
  ],
  [
    'rounds',
    'Training rounds, 1 to 10 000. One more round before them sums column statistics, one after them evaluates.',
  ],
  ['attempts', 'How often one round is tried before the job stops.', '3'],
  [
    'evaluationBins',
    'Bins of the score histograms that are summed for the AUC, 8 to 1024: more are finer, and longer.',
    '128',
  ],
];

const MODEL: readonly Row[] = [
  ['model.kind', 'Kind of the model: mlp, a multilayer perceptron for two classes.'],
  ['model.hidden', 'Units of each hidden layer, such as [16, 8]; [] is logistic regression.'],
  ['model.activation', 'Between layers: relu or tanh.'],
  ['model.seed', 'Public seed of the initial weights.', 'the name of the job'],
  ['model.parameters', 'Number of parameters. Checked if it is given; otherwise computed.', 'computed'],
];

const TRAINING: readonly Row[] = [
  ['training.epochs', 'Passes over its own rows that a site makes in each round.'],
  ['training.batchSize', 'Rows in one step, 1 to 65 536.'],
  ['training.optimizer.kind', 'sgd, momentum or adam. Its state stays within a round.'],
  ['training.optimizer.learningRate', 'Length of a step; above 0.'],
  ['training.seed', 'Seeds the order of rows; each site and each round derives its own.', '1'],
];

const AGGREGATION: readonly Row[] = [
  ['strategy.kind', 'How updates become one: fedavg, their weighted mean.', 'fedavg'],
  [
    'strategy.weighting',
    'examples: an update weighs as many rows as its site has. uniform: every site weighs the same.',
    'examples',
  ],
  [
    'strategy.maxExamples',
    'Most rows a site may have. A site with more refuses the job; far above the largest site, it wastes resolution.',
  ],
  [
    'strategy.clipNorm',
    'Longest update (L2) a site sends; a longer one is shortened. Bounds what any one site can do to the model.',
  ],
  ['encoding.bits', 'Bits of each value in an update. 16 keeps 4 bytes a parameter on the wire.', '16'],
  [
    'encoding.initialRangeExponent',
    'Updates of the first round lie within ±2 to this power; later ranges follow the opened sums.',
    '-2',
  ],
];

const PARTIES: readonly Row[] = [
  [
    'contributors.minimum',
    'Fewest sites in a sum that is opened; fewer are never opened. all: every member, in every round.',
    '3',
  ],
  [
    'contributors.allowTwoSites',
    'Whether a sum of two is allowed. Each of the two can then work out the other’s update.',
    'false',
  ],
  [
    'contributors.tolerated',
    'Malicious members that the threshold is checked against.',
    'a third of the others',
  ],
  [
    'contributors.capacity',
    'Most members that a later roster may have. Fields are made wide enough for so many.',
    '16, or as many as there are',
  ],
  [
    'threshold',
    'T: members that must act together to open a sum. Fewer than T cannot, whatever they do.',
    'more than half of members and tolerated',
  ],
  [
    'roster',
    'follow: later rounds go by later rosters. fixed: all go by the one the job began with.',
    'follow',
  ],
  [
    'lateSites',
    'A site that misses a round contributes to the next-round, or is refused for the rest of the job.',
    'next-round',
  ],
];

const WAITS: readonly Row[] = [
  [
    'waits.joinSeconds',
    'How long members may take to consent before the job begins with those who have.',
    '10 minutes',
  ],
  [
    'waits.collectSeconds',
    'How long sites may take to train, encrypt and upload. Longer than the slowest site needs.',
    '1 hour',
  ],
  [
    'waits.graceSeconds',
    'Once the minimum is in, how long the others may still join the round.',
    '5 minutes',
  ],
  ['waits.acknowledgeSeconds', 'How long sites may take to acknowledge the sealed set.', '2 minutes'],
  ['waits.checksumSeconds', 'How long sites may take to check the sum.', '2 minutes'],
  ['waits.openSeconds', 'How long sites may take to open the sum.', '2 minutes'],
  ['waits.attestSeconds', 'How long sites may take to apply the sum and attest the model.', '5 minutes'],
  [
    'waits.carrySeconds',
    'Once a share was opened: how much longer the round waits for sites it cannot do without.',
    '7 days',
  ],
];

const DATA: readonly Row[] = [
  ['data.features', 'Columns that the model reads, the same at every site: 1 to 2000.'],
  ['data.features.column', 'Name of the column in every site’s file.'],
  ['data.features.type', 'number, or category for one of a few texts.'],
  [
    'data.features.min',
    'Smallest value that is plausible. Public: not computed from anybody’s rows. Smaller ones count as this.',
  ],
  ['data.features.max', 'Largest value that is plausible; public like the smallest.'],
  ['data.features.values', 'Texts that a category may have, 2 to 200; each becomes one input.'],
  ['data.label.column', 'The column that is predicted.'],
  ['data.label.positive', 'Text of the label that counts as 1.'],
  ['data.label.negative', 'Text of the label that counts as 0.'],
];

const GROUPS: readonly (readonly [GroupName, readonly Row[]])[] = [
  ['Job', JOB],
  ['Model', MODEL],
  ['Training', TRAINING],
  ['Aggregation', AGGREGATION],
  ['Who takes part', PARTIES],
  ['Waits', WAITS],
  ['Data', DATA],
];

export const SETTINGS: readonly Setting[] = GROUPS.flatMap(([group, rows]) =>
  rows.map(([path, meaning, unless]) => ({ path, group, meaning, ...(unless !== undefined && { unless }) })),
);

export const GROUP_NAMES: readonly GroupName[] = GROUPS.map(([name]) => name);

/** The setting at a path of a document: places in lists are left out, and what is below a setting belongs to it. */
export function settingAt(path: readonly (string | number)[]): Setting | undefined {
  const names = path.filter((part): part is string => typeof part === 'string' && !/^[0-9]+$/.test(part));
  for (let length = names.length; length > 0; length--) {
    const found = SETTINGS.find((setting) => setting.path === names.slice(0, length).join('.'));
    if (found) return found;
  }
  return undefined;
}

/** Settings below a key that is none itself, such as `waits`. */
export function settingsUnder(key: string): readonly Setting[] {
  return SETTINGS.filter(({ path }) => path.startsWith(`${key}.`));
}
