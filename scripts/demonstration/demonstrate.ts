// One run from the data to the verdict.
import { join } from 'node:path';
import { CHUNK_BYTES, packedChunks, payloadLayout, type JobFile } from '@blindsum/proto';
import { auditRun } from './audit.ts';
import { readTables, trainBaselines, type Score, type SiteTables } from './baselines.ts';
import { siteFolder, writeJob, writeRows, type Layout } from './configuration.ts';
import type { Dataset } from './datasets.ts';
import { evaluateModel, readModel, type HeldModel } from './evaluate.ts';
import { runFederation, type FederationResult } from './federation.ts';
import type { Outcome, SiteOutcome, WireCost } from './outcome.ts';
import type { Processes } from './processes.ts';
import type { Progress } from './progress.ts';

export interface Demonstration {
  readonly dataset: Dataset;
  readonly layout: Layout;
  readonly processes: Processes;
  /** Undefined: as the example's job file says. */
  readonly rounds: number | undefined;
  readonly createProgress: (trainingRounds: number) => Progress;
}

/** Splits the data, runs the federation and the baselines beside it, evaluates and audits. Throws an Error if a process fails. */
export async function demonstrate(demonstration: Demonstration): Promise<Outcome> {
  const { dataset, layout } = demonstration;
  const startMs = performance.now();
  const job = await writeJob(layout, dataset, demonstration.rounds);
  const files = await writeRows(layout, dataset, job);
  const tables = await readTables(job, files);
  const progress = demonstration.createProgress(job.rounds);
  progress.say(describeSplit(tables));
  progress.open();
  try {
    const [federation, baselines] = await Promise.all([
      federate(demonstration, job, progress),
      trainBaselines(job, tables),
    ]);
    progress.say('auditing the log and every sum');
    const { rounds } = federation;
    const audit = await auditRun(layout, demonstration.processes, tables[0]!.site);
    const models = await Promise.all(
      tables.map(({ site }) => readModel(site, modelFile(layout, site, job), federation.manifest)),
    );
    const federated = await evaluateModel(models[0]!, federation.manifest, tables);
    return {
      dataset,
      sites: tables.map((table, i) => toSiteOutcome(table, baselines.alone[i]!, models[i]!)),
      trainingRounds: job.rounds,
      rounds,
      federated,
      pooled: { accuracy: baselines.pooled.accuracy, auc: baselines.pooled.auc },
      wire: toWireCost(federation),
      logSeconds: federation.logSeconds,
      audit,
      seconds: (performance.now() - startMs) / 1000,
    };
  } finally {
    progress.close();
  }
}

function federate({ dataset, layout, processes }: Demonstration, job: JobFile, progress: Progress) {
  return runFederation({
    dataset,
    layout,
    processes,
    job,
    onEvent: (site, event) => progress.event(site, event),
    say: (text) => progress.say(text),
  });
}

function modelFile(layout: Layout, site: string, { job }: JobFile): string {
  return join(siteFolder(layout, site), 'models', job, 'final.bin');
}

function toSiteOutcome(
  { site, training, holdout }: SiteTables,
  { accuracy, auc }: Score,
  { hash }: HeldModel,
): SiteOutcome {
  const labels = [...training.labels, ...holdout.labels];
  return {
    site,
    trainingRows: training.rows,
    holdoutRows: holdout.rows,
    positives: labels.filter((label) => label === 1).length / labels.length,
    alone: { accuracy, auc },
    modelHash: hash,
  };
}

function toWireCost({ manifest, ciphertextBytes }: FederationResult): WireCost {
  const { bits } = manifest.encoding;
  const { packing } = payloadLayout(manifest, 'training');
  // Of many parameters, so that the last chunk and the header no longer count.
  const many = 1e9;
  return {
    parameters: manifest.model.parameters,
    ciphertextBytes,
    bits,
    asymptoticBytesPerParameter: (packedChunks(packing, many) * CHUNK_BYTES) / many,
  };
}

function describeSplit(tables: readonly SiteTables[]): string {
  return (
    tables.map(({ site, training, holdout }) => `${site} ${training.rows} + ${holdout.rows}`).join(', ') +
    ' rows, the latter held out'
  );
}
