// A log that is shown to some sites otherwise than to the others, or than it was: signed with the keys of the log, and wrong.
import type { Digest } from '@blindsum/proto';
import { RoundRecord } from '@blindsum/proto/rpc';
import { createLogProofs } from '../../coordinator/src/log/log-proofs.ts';
import type { LogDesk } from './coordinator-services.ts';
import type { OpenLog, SequencedLog } from './sequenced-log.ts';

export type Lie =
  /** A tree that leaves three entries out, has another one instead, and then what followed. */
  | 'forks'
  /** A tree with one entry more, which the others do not have, and what followed after that. */
  | 'splits'
  /** The tree of three entries less. */
  | 'shrinks'
  /** The tree as it was; sets that are sealed after that are not found. */
  | 'freezes'
  /** The same, and their records are shown with the place of another entry. */
  | 'shows records outside'
  /** The same, and another record of the tree is shown in their place. */
  | 'shows other records';

/** From the moment on at which a round comes to a phase. */
export interface LyingLog {
  readonly lie: Lie;
  /** 1..n: those who are lied to. */
  readonly sites: readonly number[];
  readonly round: number;
  readonly phase: string;
}

type Service = ReturnType<LogDesk['service']>;
type Publish = (open: OpenLog) => LogDesk;

const SHORTER: Readonly<Partial<Record<Lie, number>>> = { forks: 3, shrinks: 3 };

/** Made when the lie begins. */
export class FalseLog {
  readonly #lie: Lie;
  readonly #honest: SequencedLog;
  readonly #false: SequencedLog;
  readonly #publish: Publish;
  #opening: Promise<OpenLog> | undefined;
  #service: Service | undefined;

  constructor(lie: Lie, honest: SequencedLog, publish: Publish) {
    this.#lie = lie;
    this.#honest = honest;
    this.#false = honest.copy(Math.max(1, honest.size - (SHORTER[lie] ?? 0)));
    this.#publish = publish;
  }

  /** What its sites are shown. */
  service(): Service {
    const shown = async () => {
      const open = await this.#open();
      this.#service ??= this.#publish(open).service('' as never);
      return this.#service;
    };
    return {
      getLog: async (...asked) => (await shown()).getLog(...asked),
      getCheckpoint: async (...asked) => (await shown()).getCheckpoint(...asked),
      getRecord: async (caller, request) => {
        const isReplaced = this.#lie.startsWith('shows') && request.kind === RoundRecord.SEALED;
        return isReplaced ? this.#replaced() : (await shown()).getRecord(caller, request);
      },
      cosign: async (...asked) => (await shown()).cosign(...asked),
      // It does not listen to those whom it lies to.
      showCheckpoint: async () => ({}),
    };
  }

  /** The latest record of a sealed set, or another one, as the last entry of the tree. */
  async #replaced() {
    const { files } = await this.#open();
    const proofs = createLogProofs(files);
    const head = await proofs.head(BigInt(this.#false.size));
    const index = this.#false.size - 1;
    const last = await proofs.record({ index, record: this.#false.digestAt(index) as Digest }, head);
    const isOther = this.#lie === 'shows other records';
    const { payload, signature } = isOther ? last : await this.#honest.lastSealed();
    const record = { index: last.index, payload, signature, proof: [...last.proof] };
    return { head: { note: head.note, proof: [] }, record };
  }

  /** Another tree takes what the honest one takes, after an entry that is nowhere else. */
  async #open(): Promise<OpenLog> {
    const isNew = this.#opening === undefined;
    this.#opening ??= this.#false.openOutside();
    const open = await this.#opening;
    if (this.#lie !== 'forks' && this.#lie !== 'splits') return open;
    if (isNew) await open.log.append(OTHER);
    for (const record of this.#honest.records) await open.log.append(record);
    return open;
  }
}

/** Something that the honest log does not have. */
const OTHER = {
  kind: 'redaction',
  predicate: {
    record: 'ab'.repeat(32),
    ...{ kind: 'round', job: 'other-job', name: 'cd'.repeat(32), reason: 'a test says so' },
  },
} as const;
