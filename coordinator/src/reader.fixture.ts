// How tests read what a coordinator answers over HTTPS.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { trustAuthorities } from '@blindsum/proto/node';
import { answerOf, type AdminClient } from '@blindsum/admin-client';
import type { Config } from './config.ts';
import type { Coordinator } from './coordinator.ts';

/** GET over HTTPS with a key of the scope `read`, made when it is needed; or with these settings, and no key. */
export function createReader(
  { httpUrl }: Coordinator,
  { stateDirectory, identity }: Config,
  admin: AdminClient,
): (path: string, init?: Parameters<typeof fetch>[1]) => Promise<Response> {
  const authority =
    identity.authority === 'own' ? join(stateDirectory, 'identity/authority.pem') : identity.trustFile;
  const trusted = readFile(authority, 'utf8').then(trustAuthorities);
  let key: Promise<{ readonly credential: string }> | undefined;
  return async (path, init) => {
    await trusted;
    if (init) return fetch(httpUrl + path, init);
    key ??= answerOf(admin.POST('/v1/keys', { body: { name: 'tests', scope: 'read' } }));
    const { credential } = await key;
    return fetch(httpUrl + path, { headers: { authorization: `Bearer ${credential}` } });
  };
}
