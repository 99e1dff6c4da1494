// This site as a witness of the log (C2SP tlog-cosignature): it states which is the largest consistent checkpoint that it has seen. It
// is kept before it is cosigned, so that no crash makes this site cosign two trees.
import { Refusal, utf8, type Member, type Members, type Sign } from '@blindsum/proto';
import { encodeSignatureLines, memberWitnessKey, parseNote, signCosignature } from '@blindsum/proto/tlog';
import type { Clock, LogSource } from '../ports.ts';
import type { Followed } from './log-keeper.ts';

export interface WitnessParts {
  /** The roster entry of this site. */
  readonly own: Pick<Member, 'signingKey'>;
  readonly sign: Sign;
  /** Those whose cosignatures count. */
  readonly members: () => Members | undefined;
  readonly source: Pick<LogSource, 'cosign'>;
  readonly clock: Pick<Clock, 'nowMs'>;
}

/** The same checkpoint is cosigned again after that, so that everybody sees that the log is watched. */
const AGAIN_MS = 5 * 60_000;

export class LogWitness {
  readonly #parts: WitnessParts;
  /** What was cosigned last, and when. */
  #last: { readonly text: string; readonly atMs: number } | undefined;

  constructor(parts: WitnessParts) {
    this.#parts = parts;
  }

  /** Cosigns the checkpoint that is kept, unless that was done not long ago, or this site is no member yet. Refuses as the port does. */
  async cosign({ log, head }: Followed): Promise<void> {
    const { own, sign, source, clock } = this.#parts;
    if (!this.#isMember()) return;
    const { text } = parseNote(utf8(head.note));
    const nowMs = clock.nowMs();
    if (this.#last?.text === text && nowMs - this.#last.atMs < AGAIN_MS) return;
    const key = memberWitnessKey(log.key.name, own);
    const line = signCosignature({ text, timeSeconds: BigInt(Math.floor(nowMs / 1000)) }, key, sign);
    try {
      await source.cosign(head.size, utf8(encodeSignatureLines([line])));
    } catch (error) {
      // A later one has taken its place, and is cosigned next.
      if (!(error instanceof Refusal) || error.code !== 'NOT_FOUND') throw error;
    }
    this.#last = { text, atMs: nowMs };
  }

  #isMember(): boolean {
    const { own, members } = this.#parts;
    return members()?.members.some(({ signingKey }) => signingKey === own.signingKey) === true;
  }
}
