// Asks a witness over HTTP (C2SP tlog-witness). It may be slow, wrong or hostile: its answers are bounded, and nothing is believed.
import { Refusal, refuseUnless, type Bytes } from '@blindsum/proto';
import {
  encodeAddCheckpoint,
  MAX_ANSWER_BYTES,
  parseWitnessSize,
  toMonitoringPath,
  type AddCheckpointRequest,
} from '@blindsum/proto/tlog';
import { readBounded } from '../bounded-body.ts';

export type WitnessAnswer =
  /** Signature lines, unverified. */
  | { readonly kind: 'cosigned'; readonly lines: Bytes }
  /** It has seen another size than the one it was asked from; so it says. */
  | { readonly kind: 'seen'; readonly size: bigint };

/** A witness; refuses UNAVAILABLE when it does not answer or will not cosign, MALFORMED for an answer that is none. */
export interface WitnessClient {
  addCheckpoint(request: Omit<AddCheckpointRequest, 'checkpoint'>): Promise<WitnessAnswer>;
  /** The last checkpoint of the log that it cosigned, a note; undefined if it knows none. */
  lastSeen(origin: string): Promise<Bytes | undefined>;
}

/** Longest wait for an answer. */
const TIMEOUT_MS = 5000;

/** The addresses end in a slash. */
export function createWitnessClient(submission: string, monitoring: string): WitnessClient {
  return {
    async addCheckpoint(request) {
      const body = new Uint8Array(encodeAddCheckpoint(request));
      const response = await send(`${submission}add-checkpoint`, { method: 'POST', body });
      if (response.status === 409) return { kind: 'seen', size: parseWitnessSize(response.body) };
      refuseUnless(response.status === 200, 'UNAVAILABLE', `it answers with status ${response.status}`);
      return { kind: 'cosigned', lines: response.body };
    },
    async lastSeen(origin) {
      const { status, body } = await send(`${monitoring}${toMonitoringPath(origin)}`);
      if (status === 404) return undefined;
      refuseUnless(status === 200, 'UNAVAILABLE', `it answers with status ${status}`);
      return body;
    },
  };
}

async function send(url: string, init: RequestInit = {}): Promise<{ status: number; body: Bytes }> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(url, { ...init, redirect: 'error', signal });
    const body = await readBounded(response, MAX_ANSWER_BYTES, 'the answer of the witness');
    return { status: response.status, body };
  } catch (cause) {
    if (cause instanceof Refusal) throw cause;
    throw new Refusal('UNAVAILABLE', 'it cannot be reached', { cause });
  }
}
