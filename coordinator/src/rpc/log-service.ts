// LogService: the transparency log with its proofs, for every member. Nothing in it needs to be believed, and nothing is secret.
import { parseJobId, Refusal, refuseUnless, type Bytes, type SiteId } from '@blindsum/proto';
import { RoundRecord, type GetRecordRequest, type LogService } from '@blindsum/proto/rpc';
import { toIncidentName, toRoundName, toSealedName } from '@blindsum/proto/tlog';
import type { LogProofs, ProvenHead } from '../log/log-proofs.ts';
import type { Admitted } from '../log/log-state.ts';
import type { Log } from '../log/sequencer.ts';
import type { ServiceHandlers } from './service-handlers.ts';

const MAX_SIZE = BigInt(Number.MAX_SAFE_INTEGER);

/** Checkpoints with the cosignatures that came for them. */
export interface CosignatureDesk {
  /** Lines of C2SP tlog-cosignature. Refuses MALFORMED, BAD_SIGNATURE, or NOT_FOUND for a checkpoint that is not offered any more. */
  add(size: number, lines: Bytes): Promise<void>;
}

export interface LogShell {
  readonly log: Pick<Log, 'find' | 'vkey'>;
  readonly proofs: LogProofs;
  readonly cosigned: CosignatureDesk;
  /**
   * Compares a checkpoint of this log that a site holds with the log: one that it does not begin with stops it. Refuses MALFORMED,
   * BAD_SIGNATURE or BAD_CHECKPOINT.
   */
  readonly compareHeld: (note: Bytes, holder: SiteId) => Promise<void>;
}

export function createLogService(shell: LogShell): ServiceHandlers<typeof LogService> {
  const { log, proofs, cosigned, compareHeld } = shell;
  return {
    async getLog() {
      const head = await proofs.head(0n);
      const charter = await proofs.record(found(log.find('charter'), 'charter'), head);
      return {
        verifierKey: log.vkey,
        head: toInit(head),
        charter: { ...charter, proof: [...charter.proof] },
      };
    },
    async getCheckpoint(_, { oldSize }) {
      return { head: toInit(await proofs.head(oldSize)) };
    },
    async getRecord(_, request) {
      const admitted = findRecordOf(log, request);
      const head = await proofs.head(request.oldSize);
      const record = await proofs.record(admitted, head);
      return { head: toInit(head), record: { ...record, proof: [...record.proof] } };
    },
    // A cosignature is its signer's, whoever brings it.
    async cosign(_, { size, lines }) {
      refuseUnless(size <= MAX_SIZE, 'NOT_FOUND', `the log has no ${size} entries`);
      await cosigned.add(Number(size), lines);
      return {};
    },
    async showCheckpoint({ site }, { note }) {
      await compareHeld(note, site);
      return {};
    },
  };
}

function findRecordOf(log: LogShell['log'], { ref, kind, setAttempt }: GetRecordRequest): Admitted {
  if (!ref) throw new Refusal('MALFORMED', 'ref: missing');
  const attempt = { job: parseJobId(ref.job), round: ref.round, attempt: ref.attempt };
  const name = toRoundName(attempt);
  switch (kind) {
    case RoundRecord.SEALED:
      return found(log.find(toSealedName({ ...attempt, setAttempt })), `sealed set ${setAttempt} of ${name}`);
    case RoundRecord.END:
      return found(log.find(toIncidentName(attempt)) ?? log.find(name), name);
    case RoundRecord.UNSPECIFIED:
    default:
      throw new Refusal('MALFORMED', 'kind: missing');
  }
}

function found(admitted: Admitted | undefined, what: string): Admitted {
  if (!admitted) throw new Refusal('NOT_FOUND', `the log has no record: ${what}`);
  return admitted;
}

function toInit({ note, proof }: ProvenHead) {
  return { note, proof: [...proof] };
}
