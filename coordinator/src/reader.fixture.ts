// How tests read what a coordinator answers over HTTPS.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { trustAuthorities } from '@blindsum/proto/node';
import type { AdminClient } from './admin/admin-client.ts';
import type { Config } from './config.ts';
import type { Coordinator } from './coordinator.ts';

/** GET over HTTPS with a key of the scope `read`, made when it is needed; or with these settings, and no key. */
export function createReader(
  { httpUrl }: Coordinator,
  { stateDirectory }: Config,
  admin: AdminClient,
): (path: string, init?: Parameters<typeof fetch>[1]) => Promise<Response> {
  const trusted = readFile(join(stateDirectory, 'identity/authority.pem'), 'utf8').then(trustAuthorities);
  let key: Promise<unknown> | undefined;
  return async (path, init) => {
    await trusted;
    if (init) return fetch(httpUrl + path, init);
    key ??= admin.post('/keys', JSON.stringify({ name: 'tests', scope: 'read' }));
    const { credential } = (await key) as { credential: string };
    return fetch(httpUrl + path, { headers: { authorization: `Bearer ${credential}` } });
  };
}
