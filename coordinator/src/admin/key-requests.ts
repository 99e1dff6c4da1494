// API keys over the admin socket: made, listed, rotated, revoked.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { SCOPES } from '@blindsum/proto';
import type { ApiKey } from '../access/api-key-store.ts';
import type { ApiKeys } from '../access/api-keys.ts';
import { addAction, type ActionShell } from '../administration/actions.ts';
import { parseBody } from './json-body.ts';

export interface KeyRequestShell extends ActionShell {
  readonly keys: ApiKeys;
}

const YEARS_100_MS = 100 * 365 * 24 * 3_600_000;

const newKeyFormat = z.strictObject({
  name: z
    .string()
    .regex(/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]{1,100}$/u, 'a name is one line of 1 to 100 characters'),
  scope: z.enum(SCOPES),
  /** From now; for ever without it. */
  lifetimeMs: z.int().min(1).max(YEARS_100_MS).optional(),
});
const rotationFormat = z.strictObject({
  /** How long the secret before stays good. */
  overlapMs: z.int().min(0).max(YEARS_100_MS),
});
const nothingFormat = z.strictObject({});

interface KeyRequest {
  readonly Params: { readonly key: string };
  readonly Body: Buffer;
}

/** Adds the routes. The answers to a new key and to a rotation hold the only copy of a credential. */
export function addKeyRequests(app: FastifyInstance, shell: KeyRequestShell): void {
  const { keys } = shell;
  const subject = ({ params }: FastifyRequest<KeyRequest>) => params.key;
  const method = 'POST';
  app.get('/keys', async () => ({ keys: (await keys.list()).map(toShownKey) }));
  addAction<KeyRequest>(app, shell, {
    ...{ method, path: '/keys', action: 'key.create' },
    subject: ({ body }) => describeNewKey(body),
    async act({ body }) {
      const { lifetimeMs, ...terms } = parseBody(newKeyFormat, body);
      const { stored, credential } = await keys.create({ ...terms, lifetimeMs });
      return { ...toShownKey(stored), credential };
    },
  });
  addAction<KeyRequest>(app, shell, {
    ...{ method, subject, path: '/keys/:key/rotate', action: 'key.rotate' },
    async act({ params, body }) {
      const { overlapMs } = parseBody(rotationFormat, body);
      const { stored, credential } = await keys.rotate(params.key, overlapMs);
      return { ...toShownKey(stored), credential };
    },
  });
  addAction<KeyRequest>(app, shell, {
    ...{ method, subject, path: '/keys/:key/revoke', action: 'key.revoke' },
    async act({ params, body }) {
      parseBody(nothingFormat, body);
      return toShownKey(await keys.revoke(params.key));
    },
  });
}

/** A key as people and programs may see it: without any hash. */
export function toShownKey({ key, name, scope, retired, ...times }: ApiKey) {
  const { createdMs, expiresMs, revokedMs, lastUsedMs } = times;
  return {
    ...{ key, name, scope, createdMs },
    expiresMs: expiresMs ?? null,
    revokedMs: revokedMs ?? null,
    lastUsedMs: lastUsedMs ?? null,
    /** Until when the secret before is good too. */
    overlapUntilMs: retired?.untilMs ?? null,
  };
}

/** What was asked for, also if that is refused: the new key's own name is not known yet. */
function describeNewKey(body: Buffer | undefined): string {
  try {
    const { name, scope } = parseBody(newKeyFormat, body);
    return `${name} (${scope})`;
  } catch {
    return '';
  }
}
