// A small valid log, as a coordinator writes it, and the parts to make invalid ones of. All keys are fixed and worthless.
import { createHash, createPrivateKey, generateKeyPairSync } from 'node:crypto';
import {
  attestationCodec,
  checksumStatementCodec,
  commitmentCodec,
  consentCodec,
  encodeBase64,
  messageLeaf,
  rosterApprovalCodec,
  roundContext,
  setRootOfLeaves,
  modelReleaseCodec,
  withdrawalCodec,
  toRosterOutline,
  utf8,
  type Bytes,
  type Digest,
  type JobId,
  type RosterApproval,
} from '@blindsum/proto';
import { createEd25519Signer, createP256Signer, type P256Signer } from '@blindsum/proto/node';
import {
  appendToEdge,
  createNoteKey,
  createRightEdge,
  encodeEntryBundle,
  encodeEnvelope,
  encodeLeaf,
  encodeRecord,
  encodeTile,
  encodeVkey,
  frontierRoot,
  hashLeaf,
  IN_TOTO_PAYLOAD_TYPE,
  recordDigest,
  signCheckpoint,
  toBundlePath,
  toPae,
  toTilePath,
  type LogRecord,
  type Predicate,
} from '@blindsum/proto/tlog';
import type { LogReader } from './log-reader.ts';
import {
  firstRoster,
  hashOf,
  ORIGIN,
  rosterHashOf,
  seedOf,
  signAs,
  SITES,
  toLogged,
  type Site,
} from './sample-sites.fixture.ts';

export * from './sample-sites.fixture.ts';

export const JOB = 'breast-cancer' as JobId;
const THRESHOLD = 2;

const checkpointSigner = createEd25519Signer(seedOf('checkpoint'));
const checkpointKey = createNoteKey(ORIGIN, checkpointSigner.publicKey);
export const VKEY = encodeVkey(checkpointKey);

export function createRecordSigner(): P256Signer {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return createP256Signer(createPrivateKey(privateKey.export({ format: 'pem', type: 'pkcs8' })));
}
export const RECORD_SIGNER = createRecordSigner();

export const MANIFEST_HASH = hashOf('manifest');
export const ROSTER_HASH = rosterHashOf(SITES);
export const MEMBERS = SITES.map(({ member }) => member);

export const digestOf = (record: LogRecord) => recordDigest(encodeRecord(record));

/** A record of `kind`; the predicate is not checked, so that it can be wrong. */
export function recordOf<K extends LogRecord['kind']>(kind: K, predicate: Predicate<K>): LogRecord {
  return { kind, predicate } as LogRecord;
}

export function charter(): LogRecord {
  const recordKey = encodeBase64(RECORD_SIGNER.publicKeySpki);
  const fixed = { protocol: 'blindsum/v1', parameterSet: 'bs1' } as const;
  return recordOf('charter', { federation: ORIGIN, origin: ORIGIN, recordKey, ...fixed });
}

export function roster(sites: readonly Site[] = SITES): LogRecord {
  const members = loggedMembers(sites);
  const terms = { federation: ORIGIN, version: 1, rosterHash: rosterHashOf(sites) };
  const approvals = sites.map((site) => approvalOf(site, terms));
  return recordOf('roster', { ...terms, previous: '', members, approvals });
}

export function approvalOf(site: Site, terms: Omit<RosterApproval, 'site'>) {
  const message = signAs(rosterApprovalCodec, { ...terms, site: site.site }, site);
  return { member: site.member, ...toLogged(message) };
}

function loggedMembers(sites: readonly Site[]): Predicate<'roster'>['members'] {
  const { members } = toRosterOutline(firstRoster(sites));
  return sites.map(({ member, entry }, i) => ({
    ...{ index: i + 1, member },
    ...members[i]!,
    signingKey: entry.signingKey as Digest,
  }));
}

/** With the consents of `sites`, who are in the roster of `everyone`. */
export function manifest(sites: readonly Site[] = SITES, everyone = sites): LogRecord {
  const rosterHash = rosterHashOf(everyone);
  const terms = { job: JOB, manifestHash: MANIFEST_HASH, rosterHash };
  const signature = { author: hashOf('author'), authorSignature: '0'.repeat(128) };
  const consents = sites.map((site) => consentOf(site, rosterHash));
  return recordOf('manifest', { ...terms, ...signature, consents });
}

/** The record of a member that consents after the job has started. */
export function lateConsent(site: Site): LogRecord {
  const terms = { job: JOB, manifestHash: MANIFEST_HASH, rosterHash: ROSTER_HASH };
  return recordOf('consent', { ...terms, consent: consentOf(site) });
}

/** The record of a member that takes its consent back; `signer` is the site itself unless given. */
export function withdrawal({ site, member, entry, signer }: Site, fromRound: number, by = signer): LogRecord {
  const terms = { job: JOB, manifestHash: MANIFEST_HASH };
  const value = { federation: ORIGIN, site, ...terms, fromRound };
  const message = signAs(withdrawalCodec, value, { entry, signer: by });
  return recordOf('withdrawal', { ...terms, withdrawal: { member, ...toLogged(message) } });
}

/** The record of a model that is made public with the votes of these. */
export function release(round: number, voters: readonly Site[] = SITES.slice(0, THRESHOLD)): LogRecord {
  const fileDigest = hashOf(modelFileAfter(round));
  const about = { job: JOB, round, modelHash: modelAfter(round), fileDigest, rosterHash: ROSTER_HASH };
  const votes = voters.map((by) => {
    const message = signAs(modelReleaseCodec, { federation: ORIGIN, site: by.site, ...about }, by);
    return { member: by.member, ...toLogged(message) };
  });
  const terms = { manifestHash: MANIFEST_HASH, threshold: THRESHOLD };
  return recordOf('release', { ...about, ...terms, votes });
}

function consentOf(by: Site, rosterHash = ROSTER_HASH) {
  const terms = { job: JOB, manifestHash: MANIFEST_HASH, rosterHash };
  const message = signAs(consentCodec, { federation: ORIGIN, site: by.site, ...terms }, by);
  return { member: by.member, ...toLogged(message) };
}

/** The file of a model. */
export const modelFileAfter = (round: number) => `model after round ${round}`;
const modelAfter = (round: number) => hashOf(`blindsum/v1/model${modelFileAfter(round)}`);

/** Terms of a round, with what the sites sign in it. */
function createRound(round: number) {
  const hashes = {
    baseModelHash: modelAfter(round - 1),
    manifestHash: MANIFEST_HASH,
    rosterHash: ROSTER_HASH,
  };
  const context = roundContext({ federation: ORIGIN, job: JOB, round, attempt: 1, ...hashes });
  const commit = (by: Site) => {
    const { site } = by;
    const roots = { ciphertextRoot: hashOf(`ciphertext of ${site}`), shareRoot: hashOf(`shares of ${site}`) };
    return signAs(commitmentCodec, { context, site, chunks: 3, ...roots }, by);
  };
  const commitments = SITES.map(commit);
  return { round, hashes, context, commitments, setRoot: setRootOfLeaves(commitments.map(messageLeaf)) };
}

function sealed(round: number): LogRecord {
  const { context, setRoot } = createRound(round);
  const place = { job: JOB, round, attempt: 1, setAttempt: 1 };
  return recordOf('round-sealed', {
    rosterHash: ROSTER_HASH,
    ...place,
    context,
    setRoot,
    members: MEMBERS,
    excluded: [],
  });
}

function published(round: number, previousRecord: Digest | ''): LogRecord {
  const { hashes, context, commitments, setRoot } = createRound(round);
  const sumRoot = hashOf(`sum of round ${round}`);
  const about = { context, setRoot, sumRoot };
  const modelHash = modelAfter(round);
  const metrics = { examples: 569, loss: 12345 };
  const values: [string, string] = ['0123456789abcdef', '00000000000000ff'];
  const checksums = SITES.map((by) => {
    const { site, member } = by;
    const statement = { ...about, site, subject: site, values };
    return {
      member,
      signer: member,
      proxy: false,
      values,
      ...toLogged(signAs(checksumStatementCodec, statement, by)),
    };
  });
  const attestations = SITES.map((by) => ({
    member: by.member,
    ...toLogged(signAs(attestationCodec, { ...about, site: by.site, modelHash, metrics }, by)),
  }));
  return recordOf('round', {
    job: JOB,
    round,
    attempt: 1,
    kind: round === 0 ? 'statistics' : 'training',
    context,
    ...hashes,
    previousRecord,
    counts: { roster: 3, committed: 3, sealed: 3 },
    threshold: THRESHOLD,
    excluded: [],
    setRoot,
    setSize: 3,
    sumRoot,
    sumBytes: 98304,
    checksums,
    commitments: commitments.map((message, i) => ({ member: MEMBERS[i]!, ...toLogged(message) })),
    modelHash,
    attestations,
    metrics,
    parameterSet: 'bs1',
    coordinatorVersion: '0.1.0',
  });
}

/** Charter, roster, manifest, and for each of `rounds` rounds the sealed set and the result. */
export function sampleRecords(rounds = 2): LogRecord[] {
  const records = [charter(), roster(), manifest()];
  let previous: Digest | '' = '';
  for (let round = 0; round < rounds; round++) {
    const result = published(round, previous);
    records.push(sealed(round), result);
    previous = recordDigest(encodeRecord(result));
  }
  return records;
}

/** `count` failed attempts of a round. */
export function* incidents(round: number, count: number): Generator<LogRecord> {
  for (let attempt = 1; attempt <= count; attempt++) {
    const place = { job: JOB, round, attempt };
    yield recordOf('incident', {
      rosterHash: ROSTER_HASH,
      ...place,
      context: hashOf('x'),
      reason: 'TOO_FEW_CONTRIBUTORS',
      excluded: [],
    });
  }
}

/** Writes a log of these records, with every partial tile; `signerOf` chooses the key of each record. */
export function writeLog(
  records: readonly LogRecord[],
  signerOf: (entry: number) => P256Signer = () => RECORD_SIGNER,
): Map<string, Bytes> {
  const files = new Map<string, Bytes>([['log.vkey', utf8(`${VKEY}\n`)]]);
  const entries: Bytes[] = [];
  let edge = createRightEdge();
  records.forEach((record, i) => {
    const signer = signerOf(i);
    const payload = encodeRecord(record);
    const pae = toPae(IN_TOTO_PAYLOAD_TYPE, payload);
    const signature = signer.sign(pae);
    const paeDigest = new Uint8Array(createHash('sha256').update(pae).digest());
    files.set(`records/${recordDigest(payload)}.json`, encodeEnvelope({ payload, signature }));
    const entry = encodeLeaf({ paeDigest, signature, publicKeySpki: signer.publicKeySpki });
    entries.push(entry);
    const step = appendToEdge(edge, hashLeaf(entry));
    edge = step.edge;
    for (const { id, hashes } of step.tiles) files.set(toTilePath(id), encodeTile(hashes));
    const start = Math.floor(i / 256) * 256;
    const bundle = { index: BigInt(start / 256), width: i + 1 - start };
    files.set(toBundlePath(bundle), encodeEntryBundle(entries.slice(start)));
  });
  const checkpoint = { origin: ORIGIN, size: edge.frontier.size, root: frontierRoot(edge.frontier) };
  files.set('checkpoint', utf8(signCheckpoint(checkpoint, checkpointKey, checkpointSigner.sign)));
  return files;
}

/** Reads the files of a map. */
export function createMapReader(files: ReadonlyMap<string, Bytes>): LogReader {
  return {
    source: 'memory',
    read: async (path) => files.get(path),
    listTiles: async () => [...files.keys()].filter((path) => path.startsWith('tile/')),
  };
}
