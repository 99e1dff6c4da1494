// What a payload says, which root messages have, and whether a signature verifies depend on nothing but bytes, and thousands of
// schedules ask about the same ones. Answers are remembered, so that the programs can go on to parse and verify all that they see;
// refusals are not, so that they are found anew each time.
import type {
  ExpectedSet,
  Members,
  MessageCodec,
  SealedSet,
  SignedMessage,
  VerifySignature,
} from '@blindsum/proto';

type Bytes = Uint8Array;
type Answering = (...args: never[]) => unknown;
type Remember = (answer: Answering) => Answering;

/** Answers to one function that are kept. */
const MOST = 20_000;

/** Under these names, functions of these modules answer from memory: by what their arguments are, or by what they hold. */
export const REMEMBERED: Readonly<Record<string, Readonly<Record<string, Remember>>>> = {
  'proto/src/roster.ts': {
    parseRoster: byContent,
    encodeRoster: byIdentity,
    rosterHash: byIdentity,
    memberFingerprint: byIdentity,
    memberPseudonym: byIdentity,
    signingKeyOf: byIdentity,
    sharingKeyOf: byIdentity,
  },
  'proto/src/manifest.ts': {
    parseManifest: byContent,
    encodeManifest: byIdentity,
    manifestHash: byIdentity,
    manifestLayout: byIdentity,
  },
  'proto/src/payload-layout.ts': { payloadLayout: byIdentity },
  'proto/src/round-terms.ts': { roundContext: byText },
  'proto/src/contributor-set.ts': {
    messageLeaf: byMessage,
    setRootOfLeaves: byText,
    parseContributorSet: bySet,
  },
  'proto/src/tlog/record.ts': { createRecord: byText, parseRecord: byContent, recordDigest: byContent },
  'proto/src/tlog/dsse.ts': { parseEnvelope: byContent },
  'proto/src/tlog/hashed-rekord.ts': { parseLeaf: byContent },
  'proto/src/tlog/note.ts': { parseNote: byContent },
  'proto/src/signed-message.ts': { createMessageCodec: withMemory, verifySigned: byVerification },
};

/** By the object that is asked about, which is frozen so that it stays what it is, and the values given with it. */
function byIdentity(answer: Answering): Answering {
  const known = new WeakMap<object, Map<string, unknown>>();
  const remember = (subject: object, ...rest: readonly (string | number)[]) => {
    const ofSubject = known.get(subject) ?? new Map<string, unknown>();
    known.set(frozen(subject), ofSubject);
    return remembered(ofSubject, rest.join(' '), () => answer(...([subject, ...rest] as never[])));
  };
  return remember;
}

/** By values that JSON can hold. */
function byText(answer: Answering): Answering {
  const known = new Map<string, unknown>();
  const remember = (...values: unknown[]) =>
    remembered(known, JSON.stringify(values), () => frozen(answer(...(values as never[]))));
  return remember;
}

/** By bytes, whichever array holds them: an array that was asked about stays what it is. */
function byContent(answer: Answering): Answering {
  const known = new Map<string, unknown>();
  const seen = new WeakMap<Bytes, unknown>();
  const find = (bytes: Bytes) =>
    remembered(known, toText(bytes), () => frozen(answer(...([bytes] as never[]))));
  return (bytes: Bytes) => rememberedOf(seen, bytes, () => find(bytes));
}

function byMessage(answer: Answering): Answering {
  const leaves = new WeakMap<Bytes, { readonly signature: Bytes; readonly leaf: unknown }>();
  return (message: SignedMessage) => {
    const { payload, signature } = message;
    const known = leaves.get(payload);
    if (known?.signature === signature) return known.leaf;
    const leaf = answer(...([message] as never[]));
    leaves.set(payload, { signature, leaf });
    return leaf;
  };
}

/** The same messages under the same root and the same expectations make the same set. */
function bySet(parse: Answering): Answering {
  const known = new WeakMap<Bytes, { readonly by: readonly unknown[]; readonly value: unknown }>();
  const remember = (sealed: SealedSet, expected: ExpectedSet) => {
    const messages = sealed.commitments.flatMap(({ payload, signature }) => [payload, signature]);
    const { context, roster, chunks, verify } = expected;
    const by = [sealed.root, context, roster, chunks, verify, ...messages];
    const first = messages[0];
    const found = first && known.get(first);
    if (found?.by.length === by.length && found.by.every((one, i) => one === by[i])) return found.value;
    const value = frozen(parse(...([sealed, expected] as unknown as never[])));
    if (first) known.set(first, { by, value });
    return value;
  };
  return remember;
}

/** The same bytes, by the same codec and under the same key, open to the same value. */
function byVerification(open: Answering): Answering {
  const known = new WeakMap<Bytes, { readonly by: readonly unknown[]; readonly value: unknown }>();
  const remember = (...args: [MessageCodec<unknown>, SignedMessage, Bytes, VerifySignature]) => {
    const [codec, { payload, signature }, publicKey, verify] = args;
    const by = [codec, signature, publicKey, verify];
    const found = known.get(payload);
    if (found?.by.every((one, i) => one === by[i])) return found.value;
    const value = open(...(args as unknown as never[]));
    known.set(payload, { by, value });
    return value;
  };
  return remember;
}

/** Codecs that parse from memory. */
function withMemory(create: Answering): Answering {
  return (...args: never[]) => {
    const codec = create(...args) as MessageCodec<unknown>;
    const parseFor = byIdentity((members: never) =>
      byContent((payload: never) => codec.parse(payload, { members })),
    ) as (members: Members['members']) => (payload: Bytes) => unknown;
    return {
      ...codec,
      parse: (payload: Bytes, { members }: Members) => parseFor(members)(payload),
      read: byContent((payload: never) => codec.read(payload)),
    };
  };
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || Object.isFrozen(value))
    return value;
  Object.values(value).forEach(frozen);
  return Object.freeze(value);
}

function remembered<V>(known: Map<string, V>, key: string, find: () => V): V {
  const found = known.get(key);
  if (found !== undefined) return found;
  if (known.size >= MOST) known.clear();
  const value = find();
  known.set(key, value);
  return value;
}

function rememberedOf(known: WeakMap<Bytes, unknown>, key: Bytes, find: () => unknown): unknown {
  const found = known.get(key);
  if (found !== undefined) return found;
  const value = find();
  known.set(key, value);
  return value;
}

function toText(bytes: Bytes): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
