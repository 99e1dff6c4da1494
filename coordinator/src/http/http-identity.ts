// The certificate of the HTTP listener: of the federation's authority, made anew before it ends, or from files that are looked at
// again, so that neither needs a restart.
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { Refusal } from '@blindsum/proto';
import { toSystemFault } from '@blindsum/proto/node';
import type { HttpConfig } from '../config-http.ts';
import type { Authority, KeyAndCertificate } from '../identity/authority.ts';

export interface HttpIdentity {
  readonly first: KeyAndCertificate;
  /** Another one, if there is; undefined if the last one is still right. Refuses CONFIG_INVALID for files that cannot be used. */
  next(nowMs: number): Promise<KeyAndCertificate | undefined>;
}

export interface IdentitySource {
  readonly tls: Exclude<HttpConfig['tls'], 'off'>;
  readonly authority: Pick<Authority, 'createServerIdentity' | 'isServerIdentityDue'>;
  /** Names and addresses that clients dial. */
  readonly hosts: readonly string[];
}

/** Refuses CONFIG_INVALID for files that cannot be used. */
export async function openHttpIdentity(source: IdentitySource, nowMs: number): Promise<HttpIdentity> {
  const { tls, authority, hosts } = source;
  const make = (atMs: number): Promise<KeyAndCertificate> =>
    tls === 'authority' ? authority.createServerIdentity(hosts, atMs) : readPair(tls);
  let current = await make(nowMs);
  return {
    first: current,
    async next(atMs) {
      if (tls === 'authority' && !(await authority.isServerIdentityDue(current, atMs))) return undefined;
      const made = await make(atMs);
      if (made.certificate === current.certificate && made.privateKey === current.privateKey)
        return undefined;
      current = made;
      return made;
    },
  };
}

async function readPair(files: { certificateFile: string; keyFile: string }): Promise<KeyAndCertificate> {
  const certificate = await readPem(files.certificateFile, 'http.tls.certificateFile');
  const privateKey = await readPem(files.keyFile, 'http.tls.keyFile');
  try {
    createSecureContext({ cert: certificate, key: privateKey });
  } catch (cause) {
    throw new Refusal('CONFIG_INVALID', 'http.tls: the certificate and the key do not belong together', {
      cause,
    });
  }
  return { certificate, privateKey };
}

async function readPem(path: string, setting: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new Refusal('CONFIG_INVALID', `${setting}: ${path} cannot be read (${toSystemFault(cause)})`, {
      cause,
    });
  }
}
