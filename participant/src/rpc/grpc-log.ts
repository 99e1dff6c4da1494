// The LogSource port over gRPC.
import { DIGEST_BYTES, Refusal, refuseUnless, type Bytes } from '@blindsum/proto';
import { LogService, RoundRecord, type LoggedRecord, type LogHead } from '@blindsum/proto/rpc';
import type { LogSource } from '../ports.ts';
import type { ShownHead, ShownRecord } from '../session/known-log.ts';
import type { ControlChannel } from './channels.ts';
import { createUnaryCaller } from './unary-call.ts';

/** A tree of 2^64-1 leaves has proofs no longer than this. */
const MAX_HASHES = 64;

/** Speaks to the coordinator at the other end of `client`; the signal ends what is under way. */
export function createGrpcLog(client: ControlChannel, signal?: AbortSignal): LogSource {
  const call = createUnaryCaller(client, LogService, signal);
  return {
    async introduction() {
      const { verifierKey, head, charter } = await call('getLog', {});
      return { verifierKey, head: parseHead(head), charter: parseRecord(charter) };
    },
    async checkpoint(oldSize) {
      return parseHead((await call('getCheckpoint', { oldSize })).head);
    },
    async record(wanted, oldSize) {
      const { kind, ref } = wanted;
      const asked =
        kind === 'sealed'
          ? { kind: RoundRecord.SEALED, setAttempt: wanted.setAttempt }
          : { kind: RoundRecord.END };
      const { head, record } = await call('getRecord', { oldSize, ref, ...asked });
      return { head: parseHead(head), record: parseRecord(record) };
    },
    async cosign(size, lines) {
      await call('cosign', { size, lines });
    },
    async show(note) {
      await call('showCheckpoint', { note });
    },
  };
}

function parseHead(head: LogHead | undefined): ShownHead {
  if (!head) throw new Refusal('MALFORMED', 'log: no checkpoint');
  return { note: head.note, proof: parseProof(head.proof) };
}

function parseRecord(record: LoggedRecord | undefined): ShownRecord {
  if (!record) throw new Refusal('MALFORMED', 'log: no record');
  const { index, payload, signature, proof } = record;
  return { index, payload, signature, proof: parseProof(proof) };
}

function parseProof(proof: readonly Bytes[]): readonly Bytes[] {
  refuseUnless(proof.length <= MAX_HASHES, 'MALFORMED', `log: a proof of more than ${MAX_HASHES} hashes`);
  const areHashes = proof.every(({ length }) => length === DIGEST_BYTES);
  refuseUnless(areHashes, 'MALFORMED', 'log: a hash of another length');
  return proof;
}
