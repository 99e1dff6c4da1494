// The global models of a job as files: `models/<job>/round-<n>.bin`, `latest.json` for people, and `final.bin` at the end.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  createInitialModel,
  encodeGlobalModel,
  globalModelHash,
  parseGlobalModel,
  refuseUnless,
  utf8,
  type Digest,
  type GlobalModel,
  type JobId,
  type Manifest,
} from '@blindsum/proto';
import type { CurrentModel } from './journal/journal.ts';
import { makeFolderDurably } from './make-folder-durably.ts';
import { writeDurably } from './write-durably.ts';

const KEPT_ROUNDS = 3;
const FINAL = 'final.bin';

/** True if the job's last model is here. */
export function hasFinalModel(stateDirectory: string, job: JobId): boolean {
  return existsSync(join(stateDirectory, 'models', job, FINAL));
}

/** The models of one job; files are durable before they are named. */
export class ModelStore {
  readonly #folder: string;
  readonly #manifest: Manifest;

  constructor(stateDirectory: string, manifest: Manifest) {
    this.#folder = join(stateDirectory, 'models', manifest.job);
    this.#manifest = manifest;
    makeFolderDurably(stateDirectory, this.#folder);
  }

  /** Writes the model that `round` gave. */
  save(round: number, model: GlobalModel): CurrentModel {
    const file = `round-${round}.bin`;
    writeDurably(join(this.#folder, file), encodeGlobalModel(model));
    return { round, hash: globalModelHash(model), file };
  }

  /** The model that round 0 starts from, the same at every site. */
  saveInitial(): CurrentModel {
    const model = createInitialModel(this.#manifest);
    const file = 'initial.bin';
    writeDurably(join(this.#folder, file), encodeGlobalModel(model));
    return { round: -1, hash: globalModelHash(model), file };
  }

  /** Reads a model; refuses MODEL_MISMATCH when the file is not the one that was recorded. */
  load({ file, hash }: Pick<CurrentModel, 'file' | 'hash'>): GlobalModel {
    const model = parseGlobalModel(readFileSync(join(this.#folder, file)), this.#manifest);
    refuseUnless(globalModelHash(model) === hash, 'MODEL_MISMATCH', `${file}: the file was changed`);
    return model;
  }

  /** Names the newest model for people, and removes models older than the last few. */
  announce({ round, hash }: CurrentModel): void {
    writeDurably(join(this.#folder, 'latest.json'), utf8(`${JSON.stringify({ round, modelHash: hash })}\n`));
    for (const name of readdirSync(this.#folder)) {
      const saved = /^round-(\d+)\.bin$/.exec(name)?.[1];
      if (saved !== undefined && Number(saved) <= round - KEPT_ROUNDS) rmSync(join(this.#folder, name));
    }
  }

  /** Copies the job's last model to `final.bin`. */
  finish(last: CurrentModel): Digest {
    writeDurably(join(this.#folder, FINAL), encodeGlobalModel(this.load(last)));
    return last.hash;
  }
}
