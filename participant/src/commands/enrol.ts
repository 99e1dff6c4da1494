// `keygen`, `request` and `install`: a site makes its keys, asks to be let in, and takes the answer.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeSiteRequest, memberFingerprint, memberOfRequest, Refusal } from '@blindsum/proto';
import { toSystemFault } from '@blindsum/proto/node';
import type { Config } from '../config.ts';
import { installGrant } from '../identity/grant-file.ts';
import {
  createSiteKeys,
  createSiteRequest,
  loadSiteKeys,
  sealSiteKeys,
  type SiteKeys,
} from '../identity/site-keys.ts';
import type { Print } from './print.ts';

export interface RequestOptions {
  /** Where the request goes; `<site>.request.json` in the state directory unless given. */
  readonly out?: string;
  /** The certificate that an authority elsewhere issued for this site's key. */
  readonly certificate?: string;
}

/** Makes the keys, which must not be there yet, and writes the request. */
export async function keygen(config: Config, options: RequestOptions, print: Print): Promise<void> {
  await writeRequest(config, await createSiteKeys(config.stateDirectory, config.keys), { options, print });
}

/** Writes the request again, for keys that are there. */
export async function request(config: Config, options: RequestOptions, print: Print): Promise<void> {
  await writeRequest(config, await loadSiteKeys(config.stateDirectory, config.keys), { options, print });
}

async function writeRequest(
  config: Config,
  keys: SiteKeys,
  { options, print }: { readonly options: RequestOptions; readonly print: Print },
): Promise<void> {
  const made = await createSiteRequest(keys, config, await readCertificate(options.certificate));
  const path = options.out ?? join(config.stateDirectory, `${config.site}.request.json`);
  await writeFile(path, encodeSiteRequest(made), { mode: 0o644 });
  const fingerprint = memberFingerprint(memberOfRequest(made));
  print(
    { request: path, site: config.site, fingerprint },
    `Send ${path} to the operator of ${config.federation}; it holds no secret.
Read this fingerprint to every other site, by telephone or face to face, for their trust.members:
${config.site}: ${fingerprint}`,
  );
}

/** The text of a certificate's file, if there is one. Refuses CONFIG_INVALID. */
export async function readCertificate(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new Refusal('CONFIG_INVALID', `${path}: cannot be read (${toSystemFault(cause)})`, { cause });
  }
}

/** Encrypts the keys with the passphrase that the configuration names. */
export async function sealKeys(config: Config, print: Print): Promise<void> {
  const sealed = await sealSiteKeys(config.stateDirectory, config.keys);
  print({ sealed }, `${sealed} key files were encrypted; backups of before hold them as they were.`);
}

export async function install(config: Config, grantPath: string, print: Print): Promise<void> {
  const keys = await loadSiteKeys(config.stateDirectory, config.keys);
  const grant = await installGrant(grantPath, config.stateDirectory, { name: config, keys });
  print(
    { site: grant.site, federation: grant.federation, coordinator: grant.coordinator },
    `${grant.site} may connect to ${grant.federation} at ${config.coordinator ?? grant.coordinator}.`,
  );
}
