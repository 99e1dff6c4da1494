// Logs that begin alike: one record has one signature, so that a log can be seen to grow, to shrink and to fork.
import { createHash } from 'node:crypto';
import type { Bytes } from '@blindsum/proto';
import type { P256Signer } from '@blindsum/proto/node';
import type { LogRecord } from '@blindsum/proto/tlog';
import { RECORD_SIGNER, writeLog } from './sample-log.fixture.ts';

const signed = new Map<string, Bytes>();

const STEADY_SIGNER: P256Signer = {
  publicKeySpki: RECORD_SIGNER.publicKeySpki,
  sign: (message) => {
    const name = createHash('sha256').update(message).digest('hex');
    const signature = signed.get(name) ?? RECORD_SIGNER.sign(message);
    signed.set(name, signature);
    return signature;
  },
};

/** As writeLog, with the same entry for the same record. `signerOf` may name another key for some. */
export function writeSteadyLog(
  records: readonly LogRecord[],
  signerOf: (entry: number) => P256Signer | undefined = () => undefined,
): Map<string, Bytes> {
  return writeLog(records, (entry) => signerOf(entry) ?? STEADY_SIGNER);
}
