// The two keys of a log: Ed25519 signs its checkpoints, P-256 its records (AUDIT.md section 1). Made once, on first start.
import { createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isEqualBytes, refuseUnless, utf8, type Bytes, type Sign } from '@blindsum/proto';
import { createEd25519Signer, createP256Signer, type P256Signer } from '@blindsum/proto/node';
import { createNoteKey, encodeSkey, parseSkey, type NoteKey } from '@blindsum/proto/tlog';
import { createDurably, makeFolderDurably } from './durable-file.ts';

const CHECKPOINT_KEY_FILE = 'checkpoint.skey';
const RECORD_KEY_FILE = 'record-key.pem';
const OWNER_ONLY = 0o600;

/** What signs a log. The secrets stay inside the functions. */
export interface LogKeys {
  readonly checkpoint: { readonly key: NoteKey; readonly sign: Sign };
  readonly record: P256Signer;
}

/**
 * Reads the keys of the log named `origin` from `folder`, or makes them; the files are readable by their owner only.
 * Keep the folder out of what is published. Refuses CONFIG_INVALID for keys of another log.
 */
export async function openLogKeys(folder: string, origin: string): Promise<LogKeys> {
  await makeFolderDurably(folder);
  const skey = await readOrCreate(folder, CHECKPOINT_KEY_FILE, () => makeSkey(origin));
  const pem = await readOrCreate(folder, RECORD_KEY_FILE, makeRecordKey);
  return { checkpoint: parseCheckpointKey(skey, origin), record: createP256Signer(createPrivateKey(pem)) };
}

/** Keys that exist in memory only, for tests and simulations. `seed` is 32 bytes. */
export function createLogKeys(origin: string, seed: Bytes): LogKeys {
  const { publicKey, sign } = createEd25519Signer(seed);
  const record = createP256Signer(createPrivateKey(makeRecordKey()));
  return { checkpoint: { key: createNoteKey(origin, publicKey), sign }, record };
}

function parseCheckpointKey(skey: string, origin: string): LogKeys['checkpoint'] {
  const { name, keyId, seed } = parseSkey(skey.trimEnd());
  refuseUnless(
    name === origin,
    'CONFIG_INVALID',
    `${CHECKPOINT_KEY_FILE} is the key of log ${name}, not of ${origin}`,
  );
  const { publicKey, sign } = createEd25519Signer(seed);
  const key = createNoteKey(name, publicKey);
  refuseUnless(
    isEqualBytes(key.keyId, keyId),
    'CONFIG_INVALID',
    `${CHECKPOINT_KEY_FILE}: the key ID is not that of the key`,
  );
  return { key, sign };
}

/** Read again after it was created: two processes that start together end with the same key. */
async function readOrCreate(folder: string, name: string, create: () => string): Promise<string> {
  const path = join(folder, name);
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  if (!isThere)
    await createDurably({ path, bytes: utf8(create()), temporaryFolder: folder, mode: OWNER_ONLY });
  return readFile(path, 'utf8');
}

function makeSkey(origin: string): string {
  const seed = randomBytes(32);
  const key = createNoteKey(origin, createEd25519Signer(seed).publicKey);
  return `${encodeSkey(key, seed)}\n`;
}

function makeRecordKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
}
