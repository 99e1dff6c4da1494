// What a site reads of the transparency log, and of the receipts that it keeps.
import { openCommitPromise, type Digest, type JobId, type Pseudonym } from '@blindsum/proto';
import { checkSignature, verifyEd25519 } from '@blindsum/proto/node';
import { encodeEnvelope, parseEnvelope, parseRecord } from '@blindsum/proto/tlog';
import { verifyHead } from '../../participant/src/session/log-head.ts';
import { verifyLogged } from '../../participant/src/session/logged-record.ts';
import { ShownLog } from '../fixtures/shown-log.ts';
import { bytesTarget, type FuzzTarget } from './fuzz-target.ts';

const log = new ShownLog('fed.example');
const index = log.appendOther();
const head = verifyHead(log.head(0n), log, undefined, checkSignature);
const shown = log.shown(index);
const promise = log.signPromise({
  ...{ federation: 'fed.example', job: 'a-job' as JobId, round: 1, attempt: 1, atMs: 5 },
  ...{ site: 'ab'.repeat(32) as Pseudonym, commitment: 'cd'.repeat(32) as Digest },
});

export const SITE_LOG_TARGETS: readonly FuzzTarget[] = [
  bytesTarget('site-checkpoint', [log.note()], (note) =>
    verifyHead({ note, proof: [] }, log, head, checkSignature),
  ),
  bytesTarget('site-record', [shown.payload], (payload) =>
    verifyLogged({ ...shown, payload }, head, log, checkSignature),
  ),
  bytesTarget('site-record-signature', [shown.signature], (signature) =>
    verifyLogged({ ...shown, signature }, head, log, checkSignature),
  ),
  bytesTarget('commit-promise', [promise.payload], (payload) =>
    openCommitPromise({ ...promise, payload }, log.key.publicKey, verifyEd25519),
  ),
  bytesTarget('commit-promise-signature', [promise.signature], (signature) =>
    openCommitPromise({ ...promise, signature }, log.key.publicKey, verifyEd25519),
  ),
  bytesTarget('receipt-record', [encodeEnvelope(shown)], (bytes) =>
    parseRecord(parseEnvelope(bytes).payload),
  ),
];
