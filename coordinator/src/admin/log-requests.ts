// What the operator asks of the log: to erase the body of a record, which the log says and keeps the hash of.
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { z } from 'zod';
import { parseDigest } from '@blindsum/proto';
import { addAction, type ActionShell } from '../administration/actions.ts';
import type { Log } from '../log/sequencer.ts';
import { REASON, REASON_RULE } from '../reason.ts';
import { parseBody } from './json-body.ts';

export interface LogRequestShell extends ActionShell {
  readonly log: Logger;
  readonly records: Pick<Log, 'erase'>;
}

const redactFormat = z.strictObject({ reason: z.string().regex(REASON, REASON_RULE) });

interface RedactRequest {
  readonly Params: { readonly record: string };
  readonly Body: Buffer;
}

/** Adds the route; it answers with the entry of the redaction. */
export function addLogRequests(app: FastifyInstance, shell: LogRequestShell): void {
  addAction<RedactRequest>(app, shell, {
    ...{ method: 'POST', path: '/log/records/:record/redact', action: 'record.redact' },
    subject: ({ params }) => params.record,
    async act({ params, body }) {
      const { reason } = parseBody(redactFormat, body);
      const record = parseDigest(params.record, 'record');
      const { index } = await shell.records.erase(record, reason);
      shell.log.info({ event: 'log.redacted', record, entry: index });
      return { record, entry: index };
    },
  });
}
