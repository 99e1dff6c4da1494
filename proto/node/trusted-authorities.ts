// Authorities that a program trusts besides those that the platform does: of a hospital, or of a coordinator that made its own.
import { readFile } from 'node:fs/promises';
import { createSecureContext, getCACertificates, setDefaultCACertificates } from 'node:tls';
import { Refusal } from '../src/index.ts';
import { toSystemFault } from './system-fault.ts';

/** From now on TLS connections of this process, those of `fetch` among them, may end at certificates of these authorities (PEM). */
export function trustAuthorities(pem: string): void {
  setDefaultCACertificates([...getCACertificates('default'), pem]);
}

/** The same with a file; refuses CONFIG_INVALID, naming `setting`, for one that cannot be read or holds no certificate. */
export async function trustAuthorityFile(path: string, setting: string): Promise<void> {
  const pem = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new Refusal('CONFIG_INVALID', `${setting}: ${path} cannot be read (${toSystemFault(cause)})`, {
      cause,
    });
  });
  if (!pem.includes('-----BEGIN CERTIFICATE-----'))
    throw new Refusal('CONFIG_INVALID', `${setting}: ${path} holds no certificate`);
  try {
    createSecureContext({ ca: pem });
    trustAuthorities(pem);
  } catch (cause) {
    throw new Refusal('CONFIG_INVALID', `${setting}: ${path} holds what is no certificate`, { cause });
  }
}
