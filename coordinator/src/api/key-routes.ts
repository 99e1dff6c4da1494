// API keys: made, listed, rotated, revoked.
import type { FastifyInstance } from 'fastify';
import type { ApiKey } from '../access/api-key-store.ts';
import type { ApiKeys } from '../access/api-keys.ts';
import { addAction, type ActionShell, type UncheckedRequest } from '../administration/actions.ts';
import * as documents from './documents/key.ts';
import { pageQuery } from './documents/pages.ts';
import { keyParams } from './documents/values.ts';
import { textIn } from './json-body.ts';
import { toPage, toSortKey } from './page.ts';
import { addRead } from './read.ts';

export interface KeyShell extends ActionShell {
  readonly keys: ApiKeys;
}

/** The answers to a new key and to a rotation hold the only copy of a credential. */
export function addKeyRoutes(app: FastifyInstance, shell: KeyShell): void {
  addRead(app, {
    ...{ name: 'listKeys', topic: 'administration', path: '/v1/keys', summary: 'API keys, the oldest first' },
    ...{ query: pageQuery, answer: documents.keysDocument },
    async read({ query }) {
      const keyOf = ({ createdMs, key }: ApiKey) => toSortKey(createdMs, key);
      const { items, next } = toPage(await shell.keys.list(), { keyOf }, query);
      return { keys: items.map(toShownKey), next };
    },
  });
  addKeyActions(app, shell);
}

function addKeyActions(app: FastifyInstance, shell: KeyShell): void {
  const subject = ({ params }: UncheckedRequest) => params['key'] ?? '';
  const shared = { topic: 'administration', method: 'POST' } as const;
  const secret = { answersSecret: true, answer: documents.issuedKeyDocument };
  addAction(app, shell, {
    ...{ ...shared, name: 'createKey', path: '/v1/keys', action: 'key.create' },
    summary: 'Make a key',
    ...{ ...secret, body: documents.newKeyBody },
    subject: describeNewKey,
    async act({ body: { lifetimeMs, ...terms } }) {
      const { stored, credential } = await shell.keys.create({ ...terms, lifetimeMs });
      return { ...toShownKey(stored), credential };
    },
  });
  addAction(app, shell, {
    ...{ ...shared, subject, name: 'rotateKey', path: '/v1/keys/:key/rotate', action: 'key.rotate' },
    summary: 'Give a key another secret; the one before stays good for a while',
    ...{ ...secret, params: keyParams, body: documents.rotationBody },
    async act({ params, body }) {
      const { stored, credential } = await shell.keys.rotate(params.key, body.overlapMs);
      return { ...toShownKey(stored), credential };
    },
  });
  addAction(app, shell, {
    ...{ ...shared, subject, name: 'revokeKey', path: '/v1/keys/:key/revoke', action: 'key.revoke' },
    summary: 'End a key at once, with its sessions',
    ...{ params: keyParams, answer: documents.keyDocument },
    act: async ({ params }) => toShownKey(await shell.keys.revoke(params.key)),
  });
}

function toShownKey({ key, name, scope, retired, ...times }: ApiKey) {
  const { createdMs, expiresMs = null, revokedMs = null, lastUsedMs = null } = times;
  const overlapUntilMs = retired?.untilMs ?? null;
  return { key, name, scope, createdMs, expiresMs, revokedMs, lastUsedMs, overlapUntilMs };
}

/** What was asked for: the new key's own name is not known yet. */
function describeNewKey({ body }: UncheckedRequest): string {
  const wish = documents.newKeyBody.safeParse(body);
  return wish.success ? `${wish.data.name} (${wish.data.scope})` : textIn(body, 'name');
}
