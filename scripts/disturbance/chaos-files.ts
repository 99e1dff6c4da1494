// The files of the federation that is disturbed: those of the breast-cancer example, with a larger model, more sites if asked
// for, and waits that outlast every restart.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { DATASETS, type Dataset, type SiteShare } from '../demonstration/datasets.ts';
import { loadYaml } from '@blindsum/proto/node';

/** Large enough for two parts of ciphertext, so that an upload can end in the middle. */
const HIDDEN = [512, 512];
/** Longer than any restart takes. */
export const LONG_WAITS = {
  joinSeconds: 120,
  collectSeconds: 120,
  graceSeconds: 60,
  acknowledgeSeconds: 60,
  checksumSeconds: 60,
  openSeconds: 60,
  attestSeconds: 60,
};

type Mapping = Record<string, unknown>;

export interface JobShape {
  /** Seconds. */
  readonly waits?: Readonly<Record<string, number>> | undefined;
  readonly hidden?: readonly number[] | undefined;
}

/** The shares of `count` sites, each of another size and mixture; those of the example for three. */
export function shareOut(count: number): SiteShare[] {
  const example = DATASETS.breast_cancer.sites;
  if (count === example.length) return [...example];
  const total = (count * (count + 1)) / 2;
  return Array.from({ length: count }, (_, i) => ({
    site: `hospital-${String.fromCharCode(97 + i)}`,
    positives: (count - i) / total,
    negatives: (i + 1) / total,
  }));
}

/** Writes configuration files under `folder`; site i dials `ports[i]`. */
export async function writeTemplates(
  folder: string,
  ports: readonly number[],
  { waits = LONG_WAITS, hidden = HIDDEN }: JobShape = {},
): Promise<Dataset> {
  const example = DATASETS.breast_cancer;
  const sites = shareOut(ports.length);
  await mkdir(folder, { recursive: true });
  const write = (name: string, values: Mapping) => writeFile(join(folder, name), stringify(values));
  const read = async (name: string) => (await loadYaml(join(example.examples, name))) as Mapping;
  const [job, coordinator, hospital, policy] = await Promise.all(
    ['job.yaml', 'coordinator.yaml', 'hospital-a.yaml', 'hospital-a.policy.yaml'].map(read),
  );
  await write('coordinator.yaml', coordinator!);
  await write('job.yaml', {
    ...job,
    model: { ...(job!['model'] as Mapping), hidden },
    training: { ...(job!['training'] as Mapping), epochs: 2 },
    waits,
  });
  // Of the larger model.
  const rules = { ...policy, maxParameters: 1_000_000 };
  await Promise.all(
    sites.flatMap(({ site }, i) => [
      write(`${site}.yaml`, { ...hospital, site, coordinator: `127.0.0.1:${ports[i]!}` }),
      write(`${site}.policy.yaml`, rules),
    ]),
  );
  return { ...example, examples: folder, sites };
}
