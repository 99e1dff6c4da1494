// `blindsum-site init`: a configuration and a policy with everything there is, for a site that is new.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, writeNewFile } from '@blindsum/proto/node';

export interface FirstSite {
  readonly site: string;
  readonly federation: string;
  /** CSV file with the rows, as site.yaml is to name it. */
  readonly train: string;
}

export interface SiteFiles {
  readonly config: string;
  readonly policy: string;
}

/** The texts of site.yaml and policy.yaml. */
export async function encodeSiteFiles({ site, federation, train }: FirstSite): Promise<SiteFiles> {
  const [config, policy] = await Promise.all(['site', 'policy'].map(readTemplate));
  const named = (text = '') => text.replaceAll('SITE', site).replaceAll('FEDERATION', federation);
  // A JSON text is a YAML scalar, whatever is in it.
  return { config: named(config).replace('TRAIN', () => JSON.stringify(train)), policy: named(policy) };
}

function readTemplate(name: string): Promise<string> {
  return readFile(new URL(`./${name}.yaml.template`, import.meta.url), 'utf8');
}

/** Writes both into the folder, which is made; returns their paths. Refuses CONFIG_INVALID, writing neither, if one is there. */
export async function writeSiteFiles(folder: string, first: FirstSite): Promise<SiteFiles> {
  const texts = await encodeSiteFiles(first);
  const paths = { config: join(folder, 'site.yaml'), policy: join(folder, 'policy.yaml') };
  await makeFolder(folder);
  await writeNewFile(paths.policy, texts.policy);
  try {
    await writeNewFile(paths.config, texts.config);
  } catch (error) {
    await rm(paths.policy);
    throw error;
  }
  return paths;
}
