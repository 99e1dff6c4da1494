// What a payload says, and whether a signature verifies, depends on nothing but bytes, and thousands of schedules ask about the
// same ones: the answers are remembered, so that the programs can go on to parse and verify everything they see.
import crypto, { type KeyObject } from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import {
  acknowledgementCodec,
  attestationCodec,
  checksumStatementCodec,
  commitmentCodec,
  complaintCodec,
  consentCodec,
  openingCodec,
  type Bytes,
  type MessageCodec,
} from '@blindsum/proto';

const MOST = 20_000;

const { createPublicKey, verify } = crypto;
const keys = new Map<string, KeyObject>();
const answers = new Map<KeyObject, Map<string, boolean>>();

type Input = { readonly key: Buffer; readonly type: string };

const functions = crypto as unknown as Record<string, (...args: never[]) => unknown>;

functions['createPublicKey'] = (input: Parameters<typeof createPublicKey>[0]) => {
  const { key, type } = input as Input;
  if (type !== 'spki' || !Buffer.isBuffer(key)) return createPublicKey(input);
  return remembered(keys, key.toString('latin1'), () => createPublicKey(input));
};

functions['verify'] = (algorithm: null, message: Uint8Array, key: KeyObject, signature: Uint8Array) => {
  const ofKey = remembered(answers, key, () => new Map<string, boolean>());
  const asked = `${toText(signature)}${toText(message)}`;
  return remembered(ofKey, asked, () => verify(algorithm, message, key, signature));
};

syncBuiltinESMExports();

for (const codec of [
  acknowledgementCodec,
  attestationCodec,
  checksumStatementCodec,
  commitmentCodec,
  complaintCodec,
  consentCodec,
  openingCodec,
])
  rememberParsed(codec);

/** What is refused is looked at again each time. */
function rememberParsed(codec: MessageCodec<unknown>): void {
  const parse = codec.parse.bind(codec);
  const parsed = new Map<string, unknown>();
  const remember = (payload: Bytes) => remembered(parsed, toText(payload), () => frozen(parse(payload)));
  Object.assign(codec, { parse: remember });
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  Object.values(value).forEach(frozen);
  return Object.freeze(value);
}

function remembered<K, V>(known: Map<K, V>, key: K, find: () => V): V {
  const found = known.get(key);
  if (found !== undefined) return found;
  if (known.size >= MOST) known.clear();
  const value = find();
  known.set(key, value);
  return value;
}

function toText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
