// What keeps a coordinator in order: its disk, backups, and the erasing of what the log must not show any more.
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { addAction, type ActionShell } from '../administration/actions.ts';
import type { Config } from '../config.ts';
import type { Log } from '../log/sequencer.ts';
import type { StatusSource } from '../status.ts';
import { storageStatus } from '../storage-status.ts';
import { storageDocument } from './documents/federation.ts';
import * as documents from './documents/upkeep.ts';
import { recordParams } from './documents/values.ts';
import { textIn } from './json-body.ts';
import { addRead } from './read.ts';
import { shownLimits, toFinite } from './shown-limits.ts';

export interface UpkeepShell extends ActionShell {
  readonly log: Logger;
  readonly status: StatusSource;
  readonly limits: Config['limits'];
  readonly retention: Config['retention'];
  readonly records: Pick<Log, 'erase'>;
  /** Nothing is removed for that long. */
  readonly holdRetention: (milliseconds: number) => void;
}

/** A backup asks again every minute for as long as it copies. */
const RETENTION_HOLD_MS = 600_000;

export function addUpkeepRoutes(app: FastifyInstance, shell: UpkeepShell): void {
  addStorage(app, shell);
  const hold = async () => {
    shell.holdRetention(RETENTION_HOLD_MS);
    return { heldMs: RETENTION_HOLD_MS };
  };
  const shared = { topic: 'upkeep', method: 'POST', answer: documents.heldDocument, act: hold } as const;
  addAction(app, shell, {
    ...{ ...shared, name: 'holdRetention', path: '/v1/retention-hold', action: 'retention.hold' },
    summary: 'Remove nothing for ten minutes',
  });
  addAction(app, shell, {
    ...{ ...shared, name: 'announceBackup', path: '/v1/backups', action: 'backup.create' },
    summary: 'Write down that a backup is made, and remove nothing for ten minutes',
    body: documents.backupBody,
    subject: ({ body }) => textIn(body, 'folder'),
  });
  addAction(app, shell, {
    ...{ name: 'redactRecord', topic: 'federation', method: 'POST', action: 'record.redact' },
    path: '/v1/log/records/:record/redact',
    summary: 'Erase the body of a record, which the log says and keeps the hash of',
    ...{ params: recordParams, body: documents.redactionBody, answer: documents.redactedDocument },
    subject: ({ params }) => params['record'] ?? '',
    async act({ params: { record }, body: { reason } }) {
      const { index } = await shell.records.erase(record, reason);
      shell.log.info({ event: 'log.redacted', record, entry: index });
      return { record, entry: index };
    },
  });
}

function addStorage(app: FastifyInstance, { status, limits, retention }: UpkeepShell): void {
  addRead(app, {
    ...{ name: 'getStorage', topic: 'upkeep', path: '/v1/storage', answer: storageDocument },
    summary: 'The disk, its quotas, and what each job takes of it',
    async read() {
      const { publishedRounds, failedAttempts } = retention;
      return {
        ...(await storageStatus(status)),
        limits: shownLimits(limits),
        retention: {
          publishedRounds: toFinite(publishedRounds),
          failedAttempts: toFinite(failedAttempts),
        },
      };
    },
  });
}
