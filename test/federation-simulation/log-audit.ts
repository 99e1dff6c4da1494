// What auditors say of the log of a simulated coordinator: an honest one gives them nothing to find, whatever happened.
import assert from 'node:assert/strict';
import type { Digest } from '@blindsum/proto';
import { History } from '../../auditor/src/history-check.ts';
import type { RecordsSeen } from '../simulation/watched.ts';

/** Checks what the records say together; who signed the entries is not simulated. */
export function checkLogAudit(log: RecordsSeen): void {
  const history = new History('test.example');
  const findings = log.records.flatMap((record, entry) => {
    const digest = log.digestAt(entry) as Digest;
    return history.admit({ entry, record, digest, signerSpki: new Uint8Array() }).content;
  });
  assert.deepEqual(
    findings.map(({ message }) => message),
    [],
    'an auditor complains about an honest log',
  );
}
