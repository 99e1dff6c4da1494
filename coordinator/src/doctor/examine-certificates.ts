// Every certificate and secret file that the configuration names, and the authority's own.
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getuid } from 'node:process';
import { createSecureContext } from 'node:tls';
import { fails, judgeCertificate, judgeOwnership, passes, type Finding } from '@blindsum/proto';
import { lookAtFile } from '@blindsum/proto/node';
import type { Config } from '../config.ts';

export async function examineCertificates(config: Config, nowMs: number): Promise<Finding[]> {
  const { http, trustedCaFile, timestamps } = config;
  const pairs = http.tls !== 'off' && http.tls !== 'authority' ? [{ setting: 'http.tls', ...http.tls }] : [];
  const external =
    config.identity.authority === 'external' ? [{ setting: 'identity', ...config.identity }] : [];
  const authorities = {
    ...(trustedCaFile !== undefined && { trustedCaFile }),
    ...(timestamps && { 'timestamps.caFile': timestamps.caFile }),
    ...(config.identity.authority === 'external' && { 'identity.trustFile': config.identity.trustFile }),
  };
  const secrets = http.oidc ? { 'http.oidc.clientSecretFile': http.oidc.clientSecretFile } : {};
  const found = await Promise.all([
    ...(config.identity.authority === 'own' ? [examineAuthority(config.stateDirectory, nowMs)] : []),
    ...[...pairs, ...external].map((pair) => examinePair(pair, nowMs)),
    ...Object.entries(authorities).map(([setting, path]) => examineCertificate(setting, path, nowMs)),
    ...Object.entries(secrets).map(([setting, path]) => examineSecret(setting, path)),
  ]);
  return found.flat();
}

async function examineAuthority(stateDirectory: string, nowMs: number): Promise<Finding> {
  const path = join(stateDirectory, 'identity/authority.pem');
  if (!(await lookAtFile(path))) return passes('authority', 'is made at the first start');
  return examineCertificate('authority', path, nowMs);
}

interface Pair {
  readonly setting: string;
  readonly certificateFile: string;
  readonly keyFile: string;
}

async function examinePair({ setting, certificateFile, keyFile }: Pair, nowMs: number): Promise<Finding[]> {
  const certificate = await examineCertificate(`${setting}.certificateFile`, certificateFile, nowMs);
  const key = await examineSecret(`${setting}.keyFile`, keyFile);
  if (certificate.state === 'fail' || key.state === 'fail') return [certificate, key];
  return [certificate, key, await examineMatch({ setting, certificateFile, keyFile })];
}

async function examineMatch({ setting, certificateFile, keyFile }: Pair): Promise<Finding> {
  try {
    createSecureContext({ cert: await readFile(certificateFile), key: await readFile(keyFile) });
    return passes(setting, 'the certificate is that of the key');
  } catch {
    // Without the cause: a parser's message may quote the key.
    const advice = 'put the key beside the certificate that was issued for it';
    return fails(setting, 'the certificate is not that of the key, or one of them cannot be read', advice);
  }
}

/** The first one of the file: what it ends with is what ends first, as authorities outlive what they issue. */
async function examineCertificate(check: string, path: string, nowMs: number): Promise<Finding> {
  try {
    const { validFromDate, validToDate } = new X509Certificate(await readFile(path));
    const life = { notBeforeMs: validFromDate.getTime(), notAfterMs: validToDate.getTime() };
    return judgeCertificate({ check, ...life, nowMs, advice: `put the next certificate into ${path}` });
  } catch (error) {
    const { code = 'no certificate in it' } = error as NodeJS.ErrnoException;
    return fails(check, `${path}: cannot be read (${code})`, 'name a PEM file that this user can read');
  }
}

async function examineSecret(check: string, path: string): Promise<Finding> {
  const facts = await lookAtFile(path);
  if (!facts) return fails(check, `${path}: is not there`, 'name a file that this user can read');
  return judgeOwnership(check, { path, kind: 'key', ...facts, ownUid: getuid!() });
}
