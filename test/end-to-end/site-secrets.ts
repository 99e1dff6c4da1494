// What a site of a finished demonstration keeps to itself, as bytes to look for elsewhere.
import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  createManifest,
  parseGlobalModel,
  parseJobFile,
  type GlobalModel,
  type Manifest,
  type SiteId,
} from '@blindsum/proto';
import { loadConfig } from '../../participant/src/config.ts';
import { readSiteData } from '../../participant/src/data/site-data.ts';
import { LocalLearner } from '../../participant/src/local-learner.ts';
import { openWorkerTrainer } from '../../participant/src/training/worker-trainer.ts';
import { loadYaml } from '@blindsum/proto/node';
import { createTestFederation, TEST_AUTHOR } from '../fixtures/federation.ts';
import { spellings } from './secret-search.ts';

/** The private keys of a site, in every spelling. */
export async function keyPatterns(folder: string, site: string): Promise<[string, Buffer][]> {
  const read = (name: string) => readFile(join(folder, site, 'keys', name), 'utf8');
  const tls = await read('tls.key');
  const scalar = createPrivateKey(tls).export({ format: 'jwk' }).d!;
  return [
    ...spellings(`${site}: signing key`, Buffer.from((await read('signing.key')).trim(), 'hex')),
    ...spellings(`${site}: sharing key`, Buffer.from((await read('sharing.key')).trim(), 'hex')),
    ...spellings(`${site}: TLS key`, Buffer.from(scalar, 'base64url')),
    // The second line holds the key's own digits.
    [`${site}: TLS key (PEM)`, Buffer.from(tls.split('\n')[2]!)],
  ];
}

/** The first rows of a site, as text and as numbers. */
export async function rowPatterns(folder: string, site: string): Promise<[string, Buffer][]> {
  const rows = (await readFile(join(folder, site, 'train.csv'), 'utf8')).split('\n').slice(1, 4);
  return rows.flatMap((row, i): [string, Buffer][] => {
    const numbers = Buffer.from(Float64Array.from(row.split(',').slice(0, 4), Number).buffer);
    return [
      [`${site}: row ${i} (text)`, Buffer.from(row.slice(0, 40))],
      [`${site}: row ${i} (numbers)`, numbers.subarray(numbers.findIndex((byte) => byte !== 0))],
    ];
  });
}

export interface TrainedUpdate {
  /** L2 norm before clipping: what the site itself reports, and so a proof that this is its update. */
  readonly norm: number;
  readonly patterns: readonly [string, Buffer][];
}

/** The update of a site in a round, trained again from the model that it started from. */
export async function trainAgain(folder: string, site: string, round: number): Promise<TrainedUpdate> {
  const job = parseJobFile(await loadYaml(join(folder, 'job.yaml')));
  const { roster } = createTestFederation();
  const manifest = createManifest(job, roster, TEST_AUTHOR);
  const config = await loadConfig(join(folder, site, 'site.yaml'));
  const learner = new LocalLearner({
    manifest,
    site: site as SiteId,
    data: await readSiteData(config.data, manifest.data),
    openTrainer: (setup) => openWorkerTrainer({ ...setup, backend: 'auto' }),
  });
  try {
    const base = await readModel(join(folder, site, 'models', job.job, `round-${round - 1}.bin`), manifest);
    const { payload, norm } = await learner.train(base, round, () => undefined);
    const values = Buffer.from(Float32Array.from(payload.update!.values).buffer);
    // Eight values in a row are as good as a name; a few places suffice.
    const patterns = [0, 0.3, 0.6, 0.9].map((share): [string, Buffer] => {
      let at = 4 * Math.floor((share * (values.length - 64)) / 4);
      // A difference of two floats often ends in zeros, and a pattern must not begin with them.
      while (values.readUInt16LE(at) === 0) at += 4;
      return [`${site}: update of round ${round} from byte ${at}`, values.subarray(at, at + 32)];
    });
    return { norm, patterns };
  } finally {
    await learner.close();
  }
}

async function readModel(path: string, manifest: Manifest): Promise<GlobalModel> {
  return parseGlobalModel(await readFile(path), manifest);
}
