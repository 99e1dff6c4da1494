// A witness (C2SP tlog-witness): decides, stores, answers, in this order.
import { Refusal, type Bytes } from '@blindsum/proto';
import { checkSignature } from '@blindsum/proto/node';
import {
  decideCosigning,
  encodeSignatureLines,
  parseAddCheckpoint,
  signCosignature,
  toMonitoringPath,
  toWitnessRefusal,
  type AddCheckpointRequest,
  type NoteKey,
  type WitnessRefusal,
} from '@blindsum/proto/tlog';
import type { Cosigner } from './witness-keys.ts';
import type { WitnessStore } from './witness-store.ts';

const TEXT = 'text/plain; charset=utf-8';
/** Another process wins at most once for each checkpoint that it is sent; more in a row is no coincidence. */
const MAX_CONFLICTS = 100;

/** An answer over HTTP. */
export type WitnessAnswer =
  WitnessRefusal | { readonly status: 200; readonly body: string; readonly mediaType: string };

export interface WitnessOptions {
  readonly store: WitnessStore;
  readonly cosigners: readonly Cosigner[];
  /** The keys of the logs that are cosigned; each names its log. */
  readonly logs: readonly NoteKey[];
  /** POSIX seconds, above 0. */
  readonly nowSeconds: () => bigint;
}

export interface Witness {
  /** The answer to `POST /add-checkpoint` with this body. Throws when the memory fails: then nothing is signed. */
  addCheckpoint(body: Bytes): WitnessAnswer;
  /** The answer to `GET /<path>`: the last cosigned checkpoint of a log. */
  checkpoint(path: string): WitnessAnswer;
}

export function createWitness(options: WitnessOptions): Witness {
  const origins = new Map(options.logs.map(({ name }) => [toMonitoringPath(name), name]));
  return {
    addCheckpoint: (body) => {
      try {
        return answer(options, parseAddCheckpoint(body));
      } catch (error) {
        if (error instanceof Refusal) return toWitnessRefusal(400, error.message);
        throw error;
      }
    },
    checkpoint: (path) => {
      const origin = origins.get(path);
      const head = origin === undefined ? undefined : options.store.read(origin);
      if (!head) return toWitnessRefusal(404, 'no checkpoint of such a log was cosigned here');
      return { status: 200, body: head.note, mediaType: TEXT };
    },
  };
}

function answer(
  { store, cosigners, logs, nowSeconds }: WitnessOptions,
  request: AddCheckpointRequest,
): WitnessAnswer {
  const { origin } = request.checkpoint;
  const keys = logs.filter(({ name }) => name === origin);
  for (let attempt = 0; attempt < MAX_CONFLICTS; attempt++) {
    const before = store.read(origin);
    const decision = decideCosigning({ keys, head: before }, request, checkSignature);
    if (decision.kind === 'refuse') return decision.refusal;
    const cosigned = { text: request.note.text, timeSeconds: nowSeconds() };
    const lines = encodeSignatureLines(
      cosigners.map(({ key, sign }) => signCosignature(cosigned, key, sign)),
    );
    // A signature leaves this process once what it says is on disk; one that lost a race never does.
    const isStored = store.replace(origin, before, { ...decision.head, note: decision.head.note + lines });
    if (isStored) return { status: 200, body: lines, mediaType: TEXT };
  }
  throw new Error(`${MAX_CONFLICTS} lost races for the checkpoint of ${origin}`);
}
