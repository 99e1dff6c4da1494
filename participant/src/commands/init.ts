// `init`: from nothing to a site that can enrol.
import { readFile } from 'node:fs/promises';
import { federationSchema, parseInvitation, Refusal, siteIdSchema } from '@blindsum/proto';
import { toSystemFault } from '@blindsum/proto/node';
import { writeSiteFiles, type FirstSite } from '../init/write-site-files.ts';
import type { Print } from './print.ts';

export interface InitOptions {
  readonly dir: string;
  /** Names the site and the federation, and goes into the next steps. */
  readonly tokenFile?: string;
  readonly site?: string;
  readonly federation?: string;
  readonly train: string;
}

/** Refuses CONFIG_INVALID for files that are there, and names that are none. */
export async function init(options: InitOptions, print: Print): Promise<void> {
  const { dir, train, tokenFile } = options;
  const name = tokenFile === undefined ? toName(options) : await readName(tokenFile);
  const { config, policy } = await writeSiteFiles(dir, { ...name, train });
  const token = tokenFile ?? 'TOKEN-FILE';
  const next = [
    `blindsum-site enroll --config ${config} --token-file ${token}`,
    `blindsum-site doctor --config ${config}`,
    `blindsum-site check --config ${config} --job JOB.yaml`,
  ];
  print(
    { config, policy, ...name, next },
    [
      `${config} holds every setting with its default and its danger; ${policy} allows nothing yet. What comes next:`,
      ...next.map((step) => `  ${step}`),
    ].join('\n'),
  );
}

function toName({ site, federation }: InitOptions): Pick<FirstSite, 'site' | 'federation'> {
  const [parsedSite, parsedFederation] = [
    siteIdSchema.safeParse(site),
    federationSchema.safeParse(federation),
  ];
  if (parsedSite.success && parsedFederation.success)
    return { site: parsedSite.data, federation: parsedFederation.data };
  throw new Refusal(
    'CONFIG_INVALID',
    'give --token-file, or --site and --federation as the operator names them',
  );
}

async function readName(path: string): Promise<Pick<FirstSite, 'site' | 'federation'>> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new Refusal('CONFIG_INVALID', `${path}: cannot be read (${toSystemFault(cause)})`, {
      cause,
    });
  });
  const { site, federation } = parseInvitation(text.trim()).terms;
  return { site, federation };
}
