// Rounds whose ciphertexts are on disk: uniform residues, because an auditor has no key and sees nothing else, under real signatures.
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  ARCHIVE_MEMBERS_FILE,
  attestationCodec,
  checksumKeys,
  checksumStatementCodec,
  CHUNK_BYTES,
  commitmentCodec,
  createChecksum,
  createPlainKernel,
  encodeArchiveMembers,
  encodeChecksumValue,
  encodePart,
  messageLeaf,
  N,
  PART_BYTES,
  Q,
  roundContext,
  sampleUniform,
  setRootOfLeaves,
  toDigestBytes,
  toHex,
  type Bytes,
  type Digest,
} from '@blindsum/proto';
import { hashLeaf, nodeKeyStream } from '@blindsum/proto/node';
import { encodeRecord, merkleRoot, recordDigest, type LogRecord, type Predicate } from '@blindsum/proto/tlog';
import {
  charter,
  createSite,
  hashOf,
  JOB,
  manifest,
  MANIFEST_HASH,
  ORIGIN,
  recordOf,
  roster,
  rosterHashOf,
  signAs,
  toLogged,
  type Site,
} from './sample-log.fixture.ts';

/** The last one is late in every round. */
export const ROSTER = ['site-a', 'site-b', 'site-c', 'site-d'].map(createSite);
export const CONTRIBUTORS = ROSTER.slice(0, 3);
const LATE = [{ member: ROSTER[3]!.member, reason: 'late' }];
const ROSTER_HASH = rosterHashOf(ROSTER);
const THRESHOLD = 3;

type Values = [string, string];

/** What can go wrong in a round although everything is signed as it is. */
export interface Lies {
  /** Whose ciphertexts the published sum adds up. */
  readonly summed?: readonly Site[];
  /** The checksum that the first contributor signs. */
  readonly firstChecksum?: (right: Values) => Values;
  /** How many attest. */
  readonly attesting?: number;
  /** Who is in the set, in order. */
  readonly set?: readonly Site[];
  /** What a site calls itself in its commitment. */
  readonly nameOf?: (site: Site) => Site;
  /** A change of the record after all. */
  readonly record?: (round: Predicate<'round'>) => Partial<Predicate<'round'>>;
}

export interface ArchivedRounds {
  readonly records: LogRecord[];
  /** File contents by path under the archive. */
  readonly files: Map<string, Bytes>;
}

/** Charter, roster, manifest and `lies.length` rounds, each with ciphertexts of `chunks` chunks. */
export function createArchivedRounds(lies: readonly Lies[] = [{}], chunks = 2): ArchivedRounds {
  const records = [charter(), roster(ROSTER), manifest(ROSTER)];
  const files = new Map<string, Bytes>([
    [ARCHIVE_MEMBERS_FILE, encodeArchiveMembers(ROSTER.map(({ entry }) => entry))],
  ]);
  let previous: Predicate<'round'> | undefined;
  lies.forEach((told, number) => {
    const round = createRound({ number, chunks, previous }, told);
    for (const [path, bytes] of round.files) files.set(path, bytes);
    records.push(round.sealed, recordOf('round', round.result));
    previous = round.result;
  });
  return { records, files };
}

export function ciphertextPath(round: number, site: Site): string {
  return `${JOB}/${round}-1/${site.site}.ciphertext`;
}

/** Writes the files under `folder`. */
export async function writeArchive(folder: string, files: ReadonlyMap<string, Bytes>): Promise<string> {
  for (const [path, bytes] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
  return folder;
}

interface Place {
  readonly number: number;
  readonly chunks: number;
  readonly previous: Predicate<'round'> | undefined;
}

function createRound({ number, chunks, previous }: Place, lies: Lies) {
  const set = lies.set ?? CONTRIBUTORS;
  const hashes = {
    baseModelHash: previous?.modelHash ?? hashOf('first model'),
    manifestHash: MANIFEST_HASH,
    rosterHash: ROSTER_HASH,
  };
  const place = { job: JOB, round: number, attempt: 1 };
  const context = roundContext({ federation: ORIGIN, ...place, ...hashes });
  const ciphertexts = new Map(
    ROSTER.map((site) => [site, createCiphertext(`${number} ${site.site}`, chunks)]),
  );
  const files = CONTRIBUTORS.map(
    (site) => [ciphertextPath(number, site), toFile(ciphertexts.get(site)!)] as const,
  );
  const commitments = set.map((site) => {
    const named = lies.nameOf?.(site) ?? site;
    const ciphertextRoot = rootOf(ciphertexts.get(named)!);
    const commitment = { context, site: named.site, chunks, ciphertextRoot, shareRoot: hashOf('shares') };
    const entry = { ...site.entry, site: named.site, signingKey: named.entry.signingKey };
    return {
      member: site.member,
      message: signAs(commitmentCodec, commitment, { entry, signer: site.signer }),
    };
  });
  const setRoot = setRootOfLeaves(commitments.map(({ message }) => messageLeaf(message)));
  const sumRoot = rootOf(addUp((lies.summed ?? CONTRIBUTORS).map((site) => ciphertexts.get(site)!)));
  const about = { context, setRoot, sumRoot };
  const members = set.map(({ member }) => member);
  const excluded = LATE.filter(({ member }) => !members.includes(member));
  const result: Predicate<'round'> = {
    ...place,
    ...hashes,
    ...about,
    kind: number === 0 ? 'statistics' : 'training',
    previousRecord: previous ? digestOf(previous) : '',
    counts: { roster: ROSTER.length, committed: set.length, sealed: set.length },
    threshold: THRESHOLD,
    excluded,
    setSize: set.length,
    sumBytes: chunks * CHUNK_BYTES,
    checksums: set.map((site, i) => {
      const right = checksumOf(ciphertexts.get(site)!, about);
      return signChecksum(site, about, i === 0 ? (lies.firstChecksum?.(right) ?? right) : right);
    }),
    commitments: commitments.map(({ member, message }) => ({ member, ...toLogged(message) })),
    ...attested(about, hashOf(`model after round ${number}`), lies.attesting ?? CONTRIBUTORS.length),
    parameterSet: 'bs1',
    coordinatorVersion: '0.1.0',
  };
  const sealing = { rosterHash: ROSTER_HASH, ...place, setAttempt: 1, context, setRoot };
  const sealed = recordOf('round-sealed', { ...sealing, members, excluded });
  return { files, sealed, result: { ...result, ...lies.record?.(result) } };
}

interface About {
  readonly context: Digest;
  readonly setRoot: Digest;
  readonly sumRoot: Digest;
}

function signChecksum(by: Site, about: About, values: Values) {
  const { site, member } = by;
  const message = signAs(checksumStatementCodec, { ...about, site, subject: site, values }, by);
  return { member, signer: member, proxy: false, values, ...toLogged(message) };
}

function attested(about: About, modelHash: Digest, attesting: number) {
  const metrics = { examples: 569, loss: 12345 };
  const attestations = ROSTER.slice(0, attesting).map((by) => ({
    member: by.member,
    ...toLogged(signAs(attestationCodec, { ...about, site: by.site, modelHash, metrics }, by)),
  }));
  return { modelHash, metrics, attestations };
}

function createCiphertext(name: string, chunks: number): BigUint64Array {
  const coefficients = new BigUint64Array(chunks * N);
  sampleUniform(nodeKeyStream, new Uint8Array(createHash('sha256').update(name).digest()), coefficients);
  return coefficients;
}

function addUp(terms: readonly BigUint64Array[]): BigUint64Array {
  return BigUint64Array.from(terms[0]!, (_, at) => terms.reduce((sum, term) => (sum + term[at]!) % Q, 0n));
}

function rootOf(ciphertext: BigUint64Array): Digest {
  const bytes = encodePart(ciphertext);
  const parts = Array.from({ length: Math.ceil(bytes.length / PART_BYTES) }, (_, i) =>
    bytes.subarray(i * PART_BYTES, (i + 1) * PART_BYTES),
  );
  return toHex(merkleRoot(parts.map(hashLeaf))) as Digest;
}

function checksumOf(ciphertext: BigUint64Array, { context, setRoot, sumRoot }: About): Values {
  const subject = {
    context: toDigestBytes(context),
    setRoot: toDigestBytes(setRoot),
    sumRoot: toDigestBytes(sumRoot),
  };
  const checksum = createChecksum(createPlainKernel(), nodeKeyStream, checksumKeys(subject));
  for (let at = 0; at < ciphertext.length; at += N)
    checksum.addChunk(at / N, ciphertext.subarray(at, at + N));
  return checksum.values().map(encodeChecksumValue) as Values;
}

/** As a coordinator lays it out: a page with the mark and the count, then the bytes. */
function toFile(ciphertext: BigUint64Array): Bytes {
  const file = new Uint8Array(4096 + ciphertext.byteLength);
  file.set(Buffer.from('bs-blob1', 'latin1'));
  new DataView(file.buffer).setBigUint64(8, BigInt(ciphertext.byteLength), true);
  file.set(encodePart(ciphertext), 4096);
  return file;
}

function digestOf(round: Predicate<'round'>): Digest {
  return recordDigest(encodeRecord(recordOf('round', round)));
}
