// The command by which an operator erases what a record of the log says.
import { parseDigest } from '@blindsum/proto';
import { parseReason } from '../reason.ts';
import type { Output } from './operator.ts';
import { answered, connect, type Target } from './target.ts';

export interface Redacting {
  /** Digest of the record: its name in `records/` of the log. */
  readonly record: string;
  /** One line, which goes into the log. */
  readonly reason: string;
}

/** Erases a record's body for good; the same again changes nothing. */
export async function redact(target: Target, { record, reason }: Redacting, output: Output): Promise<void> {
  const params = { path: { record: parseDigest(record, 'record') } };
  const body = { reason: parseReason(reason) };
  const client = await connect(target);
  const answer = await answered(client.POST('/v1/log/records/{record}/redact', { params, body }));
  const line = `erased the body of record ${answer.record}; entry ${answer.entry} of the log says so. Backups and copies of the log may hold it still`;
  output.print(output.json ? JSON.stringify(answer) : line);
}
