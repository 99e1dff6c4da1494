// What the federation is compared with: the same model trained by each site alone and on pooled rows, with the same code and
// the same number of epochs.
import { parseDataSchemaConfiguration, type JobFile } from '@blindsum/proto';
import { readCsv } from '../../participant/src/data/csv-source.ts';
import { concatTables, type Table } from '../../participant/src/data/table.ts';
import { trainBaseline, type BaselineResult } from '../../participant/src/training/local-baseline.ts';

/** One site's rows, in two files. */
export interface SiteFiles {
  readonly site: string;
  readonly train: string;
  readonly holdout: string;
}

export interface Score {
  readonly accuracy: number;
  readonly auc: number;
}

export interface Baselines {
  readonly alone: readonly (Score & { readonly site: string; readonly examples: number })[];
  readonly pooled: Score & { readonly examples: number };
}

export interface SiteTables {
  readonly site: string;
  readonly training: Table;
  readonly holdout: Table;
}

/** Reads every site's rows. Only the demonstration may: it plays all sites. */
export async function readTables(job: JobFile, files: readonly SiteFiles[]): Promise<SiteTables[]> {
  const schema = parseDataSchemaConfiguration(job.data);
  return Promise.all(
    files.map(async ({ site, train, holdout }) => ({
      site,
      training: await readCsv(train, schema),
      holdout: await readCsv(holdout, schema, 'any'),
    })),
  );
}

/** All tables one after another; there is at least one. */
export function poolTables(tables: readonly Table[]): Table {
  const [first, ...rest] = tables;
  if (first === undefined) throw new Error('no tables to pool');
  return concatTables([first, ...rest]);
}

/** Every model is evaluated on the held-out rows of all sites together. */
export async function trainBaselines(job: JobFile, sites: readonly SiteTables[]): Promise<Baselines> {
  const holdout = poolTables(sites.map((site) => site.holdout));
  const alone = [];
  for (const { site, training } of sites)
    alone.push({ site, ...toScore(await trainOn(job, training, holdout)) });
  const pooled = toScore(await trainOn(job, poolTables(sites.map(({ training }) => training)), holdout));
  return { alone, pooled };
}

function trainOn({ job, model, training, rounds }: JobFile, rows: Table, holdout: Table) {
  const { epochs, batchSize, optimizer, seed } = training;
  const { kind, hidden, activation } = model;
  return trainBaseline({
    training: rows,
    holdout,
    model: { kind, hidden, activation },
    initialSeed: model.seed ?? job,
    epochs: rounds * epochs,
    batchSize,
    optimizer: { kind: optimizer.kind, learningRate: Number(optimizer.learningRate) },
    seed,
    backend: 'auto',
  });
}

function toScore({ examples, accuracy, auc }: BaselineResult) {
  if (auc === undefined) throw new Error('the held-out rows are of one class only');
  return { examples, accuracy, auc };
}
