// The two keys of a log: Ed25519 signs its checkpoints, P-256 its records (AUDIT.md section 1). Made once, on first start.
import { createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isEqualBytes, Refusal, refuseUnless, type Bytes, type Sign } from '@blindsum/proto';
import {
  createEd25519Signer,
  createP256Signer,
  encodeKeyFile,
  readPassphrase,
  type P256Signer,
} from '@blindsum/proto/node';
import { createNoteKey, encodeSkey, parseSkey, type NoteKey } from '@blindsum/proto/tlog';
import { readKey, type KeyName, type KeyStorage } from '../identity/key-storage.ts';
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
 * Reads the keys of the log named `origin` from `folder` or where `storage` says, or makes them; the files are readable by their
 * owner only. Keep the folder out of what is published. Refuses CONFIG_INVALID for keys of another log, and what cannot be read.
 */
export async function openLogKeys(
  folder: string,
  origin: string,
  storage: KeyStorage = {},
): Promise<LogKeys> {
  await makeFolderDurably(folder);
  const checkpoint = join(folder, CHECKPOINT_KEY_FILE);
  const record = join(folder, RECORD_KEY_FILE);
  const skey = await readOrCreate('checkpoint', checkpoint, { storage, create: () => makeSkey(origin) });
  const pem = await readOrCreate('record', record, { storage, create: makeRecordKey });
  return { checkpoint: parseCheckpointKey(skey, origin), record: parseRecordKey(pem) };
}

/** Keys that exist in memory only, for tests and simulations. `seed` is 32 bytes. */
export function createLogKeys(origin: string, seed: Bytes): LogKeys {
  const { publicKey, sign } = createEd25519Signer(seed);
  const record = createP256Signer(createPrivateKey(makeRecordKey()));
  return { checkpoint: { key: createNoteKey(origin, publicKey), sign }, record };
}

function parseCheckpointKey(skey: string, origin: string): LogKeys['checkpoint'] {
  const { name, keyId, seed } = parseStored(CHECKPOINT_KEY_FILE, () => parseSkey(skey.trimEnd()));
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

function parseRecordKey(pem: string): P256Signer {
  return parseStored(RECORD_KEY_FILE, () => createP256Signer(createPrivateKey(pem)));
}

function parseStored<T>(name: string, parse: () => T): T {
  try {
    return parse();
  } catch {
    // No cause: a parser's message may quote the key.
    throw new Refusal('CONFIG_INVALID', `${name}: is no key, or damaged; restore it from a backup`);
  }
}

interface Making {
  readonly storage: KeyStorage;
  readonly create: () => string;
}

/** Read again after it was created: two processes that start together end with the same key. */
async function readOrCreate(name: KeyName, path: string, { storage, create }: Making): Promise<string> {
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  if (!isThere && storage.from === undefined) {
    const bytes = encodeKeyFile(path, create(), await readPassphrase(storage));
    await createDurably({ path, bytes, temporaryFolder: dirname(path), mode: OWNER_ONLY });
  }
  return readKey(name, path, storage);
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
