// A site's rows and its trainer, in terms of global models: statistics, local training, evaluation.
import {
  clipToNorm,
  domainDigest,
  encodeEvaluation,
  encodeStatistics,
  manifestLayout,
  payloadLayout,
  plainBits,
  refuseUnless,
  statisticsBits,
  toNumber,
  toUint32Bytes,
  utf8,
  type FeatureStatistics,
  type GlobalModel,
  type Manifest,
  type SiteId,
} from '@blindsum/proto';
import { normaliseTable } from './data/normalise.ts';
import type { Split } from './data/split.ts';
import type { PlainPayload } from './encryption/payload.ts';
import type { Trainer, TrainerSetup, TrainProgress, TrainResult } from './training/trainer.ts';

export interface LearnerSetup {
  readonly manifest: Manifest;
  readonly site: SiteId;
  readonly data: Split;
  readonly openTrainer: (setup: Omit<TrainerSetup, 'backend'>) => Promise<Trainer>;
}

export interface LocalUpdate {
  readonly payload: PlainPayload;
  readonly result: TrainResult;
  /** L2 norm before clipping. */
  readonly norm: number;
}

/** The payloads of one site's contributions. The trainer is opened when it is first needed. */
export class LocalLearner {
  readonly #setup: LearnerSetup;
  #opened:
    { readonly mean: Float64Array; readonly deviation: Float64Array; readonly trainer: Trainer } | undefined;

  /** Refuses DATA_INVALID when the site has more rows than the job counts. */
  constructor(setup: LearnerSetup) {
    const { manifest, data } = setup;
    const { maxExamples } = manifest.strategy;
    for (const [what, { rows }] of [
      ['training', data.training],
      ['held-out', data.holdout],
    ] as const) {
      const hint = 'leave some out, or ask for a job with a higher strategy.maxExamples';
      refuseUnless(
        rows <= maxExamples,
        'DATA_INVALID',
        `${rows} ${what} rows, the job counts at most ${maxExamples}; ${hint}`,
      );
    }
    this.#setup = setup;
  }

  /** Sums over the training rows, for the federation's means and deviations. */
  statistics(): PlainPayload {
    const { manifest, data } = this.#setup;
    const { capacity: sites } = manifest.contributors;
    const { maxExamples } = manifest.strategy;
    const bits = statisticsBits({ sites, maxExamples, plainBits: plainBits(sites) });
    const { integers, outOfRange } = encodeStatistics(manifest.data, data.training, bits);
    return { header: [...integers, outOfRange.reduce((sum, count) => sum + count, 0)] };
  }

  /** Trains from the global model; the header also evaluates that model on the held-out rows. Rejects with the signal's reason. */
  async train(
    model: GlobalModel,
    round: number,
    onProgress: (progress: TrainProgress) => void,
    signal?: AbortSignal,
  ): Promise<LocalUpdate> {
    const { manifest } = this.#setup;
    const { training, strategy } = manifest;
    const evaluation = await this.#evaluate(model);
    const trainer = await this.#trainer(model);
    const result = await trainer.train({
      weights: model.weights,
      epochs: training.epochs,
      batchSize: training.batchSize,
      optimizer: { kind: training.optimizer.kind, learningRate: toNumber(training.optimizer.learningRate) },
      seed: this.#seed(round),
      onProgress,
      ...(signal && { signal }),
    });
    const values = result.local.map((weight, i) => weight - model.weights[i]!);
    const { norm } = clipToNorm(values, toNumber(strategy.clipNorm));
    const tensors = manifestLayout(manifest).tensors.map(({ offset, size }, i) => ({
      offset,
      size,
      rangeExponent: model.rangeExponents[i]!,
    }));
    const weight = strategy.weighting === 'examples' ? result.examples / strategy.maxExamples : 1;
    const header = [result.examples, ...tensors.map(() => 0), ...evaluation];
    return { payload: { header, update: { values, weight, tensors, firstClipField: 1 } }, result, norm };
  }

  /** Evaluates the global model on the held-out rows. */
  async evaluate(model: GlobalModel): Promise<PlainPayload> {
    return { header: await this.#evaluate(model) };
  }

  /** Header integers and packed values of a round, as the encryption is told. */
  sumLayout(kind: 'statistics' | 'training' | 'evaluation') {
    const { manifest } = this.#setup;
    const { capacity: sites } = manifest.contributors;
    const { headerFields, values } = payloadLayout(manifest, kind);
    return { bits: manifest.encoding.bits, sites, headerIntegers: headerFields.length, values };
  }

  backend(): string {
    return this.#opened?.trainer.info().backend ?? '';
  }

  async close(): Promise<void> {
    await this.#opened?.trainer.close();
    this.#opened = undefined;
  }

  async #evaluate(model: GlobalModel): Promise<number[]> {
    const trainer = await this.#trainer(model);
    return encodeEvaluation(await trainer.evaluate(model.weights, this.#setup.manifest.evaluationBins));
  }

  /** A trainer over rows normalised by this model's statistics, which change with the statistics round only. */
  async #trainer({ mean, deviation }: GlobalModel): Promise<Trainer> {
    const isCurrent =
      this.#opened && isSame(this.#opened.mean, mean) && isSame(this.#opened.deviation, deviation);
    if (this.#opened && isCurrent) return this.#opened.trainer;
    await this.close();
    const { manifest, data, openTrainer } = this.#setup;
    const statistics = toStatistics(mean, deviation);
    const trainer = await openTrainer({
      layout: manifestLayout(manifest),
      training: normaliseTable(data.training, statistics),
      holdout: normaliseTable(data.holdout, statistics),
    });
    this.#opened = { mean, deviation, trainer };
    return trainer;
  }

  /** The job's seed, made this site's and this round's. */
  #seed(round: number): number {
    const { manifest, site } = this.#setup;
    const digest = domainDigest(
      'blindsum/v1/training-seed',
      toUint32Bytes(manifest.training.seed),
      toUint32Bytes(round),
      utf8(site),
    );
    return new DataView(digest.buffer, digest.byteOffset).getUint32(0);
  }
}

/** No other deviation is 1: a feature within [0, 1] deviates by at most 1/2. */
function toStatistics(mean: Float64Array, deviation: Float64Array): FeatureStatistics {
  return { mean, deviation, isConstant: Array.from(deviation, (value) => value === 1), examples: 0 };
}

function isSame(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
