// The coordinator's log, read and verified in this browser with the code that auditors use: nothing that is shown was believed.
import { parseHex, Refusal, refuseUnless, toHex, type Bytes } from '@blindsum/proto';
import {
  claimCosignedCheckpoint,
  createWebCryptoCheck,
  parseLogVkey,
  parseTlogPolicy,
  NO_QUORUM,
  toTilePath,
  verifyExtension,
  type Cosigning,
  type TlogPolicy,
  type TreeHead,
} from '@blindsum/proto/tlog';

/** What one look at the log has shown. */
export interface LogLook {
  readonly origin: string;
  readonly size: bigint;
  readonly root: Bytes;
  readonly cosignings: readonly Cosigning[];
  /** Entries of the newest checkpoint that met the quorum of the served policy; undefined where it asks for none. */
  readonly quorum: { readonly name: string; readonly size: bigint } | undefined;
}

const check = createWebCryptoCheck(crypto.subtle);

async function read(path: string): Promise<Bytes | undefined> {
  const answer = await fetch(`/log/${path}`, { cache: 'no-store' });
  if (answer.status === 404) return undefined;
  refuseUnless(answer.ok, 'UNAVAILABLE', `the log answers ${answer.status} for ${path}`);
  return new Uint8Array(await answer.arrayBuffer());
}

async function readNeeded(path: string): Promise<Bytes> {
  const bytes = await read(path);
  if (!bytes) throw new Refusal('NOT_FOUND', `the log has no ${path}`);
  return bytes;
}

/** Reads the newest checkpoint; refuses BAD_SIGNATURE unless `verifierKey` signed it, and its witnesses theirs. */
export async function lookAtLog(verifierKey: string): Promise<LogLook> {
  const key = parseLogVkey(verifierKey);
  const policy = parseTlogPolicy(await readNeeded('policy'));
  const known: TlogPolicy = { ...policy, logs: [{ key }] };
  const anyone = { ...known, quorum: NO_QUORUM };
  const newest = await claimCosignedCheckpoint(await readNeeded('checkpoint'), anyone).verifyLater(check);
  const quorum = policy.quorum === NO_QUORUM ? undefined : await lookAtQuorum(known);
  return { ...newest, quorum };
}

async function lookAtQuorum(policy: TlogPolicy): Promise<LogLook['quorum']> {
  const bytes = await read('checkpoint.cosigned');
  if (!bytes) return { name: policy.quorum, size: 0n };
  const { size } = await claimCosignedCheckpoint(bytes, policy).verifyLater(check);
  return { name: policy.quorum, size };
}

/** Refuses BAD_CHECKPOINT unless the log only grew since `old`. */
export function verifyGrowth(old: TreeHead, look: TreeHead): Promise<void> {
  return verifyExtension(old, look, (tile) => read(toTilePath(tile)));
}

export interface Remembered {
  readonly verifierKey: string;
  readonly head: TreeHead;
  readonly atMs: number;
}

const KEY = 'blindsum.log';

/** What this browser saw last; undefined for nothing, or nothing that can be read. */
export function remembered(): Remembered | undefined {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? 'null') as Record<string, unknown> | null;
    if (!kept || typeof kept['verifierKey'] !== 'string' || typeof kept['atMs'] !== 'number')
      return undefined;
    const head = { size: BigInt(String(kept['size'])), root: parseHex(String(kept['root']), 32, 'root') };
    return { verifierKey: kept['verifierKey'], atMs: kept['atMs'], head };
  } catch {
    return undefined;
  }
}

export function remember({ verifierKey, head, atMs }: Remembered): void {
  const kept = { verifierKey, atMs, size: head.size.toString(), root: toHex(head.root) };
  localStorage.setItem(KEY, JSON.stringify(kept));
}

export function forget(): void {
  localStorage.removeItem(KEY);
}

/** The key that the coordinator serves: of use only to whoever compares it with one from elsewhere. */
export async function servedKey(): Promise<string> {
  return new TextDecoder().decode(await readNeeded('log.vkey')).trim();
}
