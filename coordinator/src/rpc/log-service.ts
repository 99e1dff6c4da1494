// LogService: the transparency log with its proofs, for every member. Nothing in it needs to be believed, and nothing is secret.
import { parseJobId, Refusal, type SiteId } from '@blindsum/proto';
import { RoundRecord, type GetRecordRequest, type LogService } from '@blindsum/proto/rpc';
import {
  parseCosignatures,
  toIncidentName,
  toRoundName,
  toSealedName,
  type NoteSignature,
} from '@blindsum/proto/tlog';
import type { LogProofs, ProvenHead } from '../log/log-proofs.ts';
import type { Admitted } from '../log/log-state.ts';
import type { Log } from '../log/sequencer.ts';
import type { ServiceHandlers } from './service-handlers.ts';

/** Sites as witnesses of the log. */
export interface MemberWitnesses {
  /** Refuses NOT_A_MEMBER, BAD_SIGNATURE, MALFORMED, or NOT_FOUND for a checkpoint that the log does not offer any more. */
  cosign(site: SiteId, size: bigint, lines: readonly NoteSignature[]): Promise<void>;
  /** A site holds a checkpoint of more entries than the log has: the log went back, and must sign nothing any more. */
  isAhead(site: SiteId, size: bigint): Promise<void>;
}

export interface LogShell {
  readonly log: Pick<Log, 'find' | 'vkey'>;
  readonly proofs: LogProofs;
  readonly witnesses: MemberWitnesses;
}

export function createLogService(shell: LogShell): ServiceHandlers<typeof LogService> {
  const { log, proofs, witnesses } = shell;
  const headFor = async (site: SiteId, oldSize: bigint): Promise<ProvenHead> => {
    const head = await proofs.head(oldSize);
    if (oldSize > head.size) await witnesses.isAhead(site, oldSize);
    return head;
  };
  return {
    async getLog() {
      const head = await proofs.head(0n);
      const charter = await proofs.record(found(log.find('charter'), 'charter'), head);
      return { verifierKey: log.vkey, head: toInit(head), charter: { ...charter, proof: [...charter.proof] } };
    },
    async getCheckpoint({ site }, { oldSize }) {
      return { head: toInit(await headFor(site, oldSize)) };
    },
    async getRecord({ site }, request) {
      const admitted = findRecordOf(log, request);
      const head = await headFor(site, request.oldSize);
      const record = await proofs.record(admitted, head);
      return { head: toInit(head), record: { ...record, proof: [...record.proof] } };
    },
    async cosign({ site }, { size, lines }) {
      await witnesses.cosign(site, size, parseCosignatures(lines));
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
