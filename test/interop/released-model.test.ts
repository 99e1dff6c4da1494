// What is served with a released model, before Sigstore's own verifier: with our log as its root of trust, and the record key.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { bundleFromJSON } from '@sigstore/bundle';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import {
  createInitialModel,
  encodeGlobalModel,
  globalModelHash,
  modelReleaseCodec,
  parseUtf8,
  signMessage,
  type Digest,
} from '@blindsum/proto';
import { encodeTrustedRoot, toKeyHint } from '@blindsum/proto/provenance';
import { parseVkey } from '@blindsum/proto/tlog';
import { parseJobDocument } from '../../coordinator/src/job-document.ts';
import { createLogKeys } from '../../coordinator/src/log/log-keys.ts';
import { createMemoryLogStore } from '../../coordinator/src/log/memory-log-store.ts';
import { openSequencer } from '../../coordinator/src/log/sequencer.ts';
import { modelUploadOf } from '../../coordinator/src/release/model-upload.ts';
import { createReleaseFiles } from '../../coordinator/src/release/release-files.ts';
import { createReleaseRecord, type PublishedRound } from '../../coordinator/src/release/release-record.ts';
import { MemoryBlobStore } from '../../coordinator/src/storage/memory-blob-store.ts';
import { createTestFederation, createTestManifest, documentsOf } from '../fixtures/federation.ts';

const ORIGIN = 'log.example.org';
const { sites, roster } = createTestFederation();
const manifest = createTestManifest(roster);
const document = parseJobDocument(documentsOf(manifest, roster));
const model = createInitialModel(manifest);
const file = encodeGlobalModel(model);
const fileDigest = createHash('sha256').update(file).digest('hex') as Digest;
const id = { job: manifest.job, round: 1, attempt: 1 };
const round = { modelHash: globalModelHash(model), rules: { threshold: 2 } } as PublishedRound['round'];

async function release() {
  const keys = createLogKeys(ORIGIN, new Uint8Array(32).fill(7));
  const logFiles = createMemoryLogStore();
  const log = await openSequencer(logFiles, keys);
  const votes = sites.slice(0, 2).map(({ site, sign }) => {
    const about = { federation: manifest.federation, job: id.job, site, round: id.round };
    const hashes = { modelHash: round.modelHash, fileDigest, rosterHash: document.rosterHash };
    const { payload, signature } = signMessage(modelReleaseCodec, { ...about, ...hashes }, sign, roster);
    const [text, hex] = [Buffer.from(payload).toString('base64'), Buffer.from(signature).toString('hex')];
    return { site, fileDigest, payload: text, signature: hex };
  });
  const published = { id, document, round };
  await log.append(createReleaseRecord(published, { fileDigest, votes }));
  const blobs = new MemoryBlobStore();
  const target = modelUploadOf(published, sites[0]!.site);
  await blobs.append(target, 0, file);
  const sources = { log, logFiles, blobs, signer: keys.record, origin: ORIGIN };
  return { keys, log, files: await createReleaseFiles(sources, published, target) };
}

const { keys, log, files } = await release();

/** As a user of Sigstore's tools does. */
function verify(bundle: string, entries: number) {
  const root = encodeTrustedRoot(parseVkey(log.vkey), Date.UTC(2026, 0, 1));
  const rawBytes = Buffer.from(keys.record.publicKeySpki);
  const recordKeys = { [toKeyHint(keys.record.publicKeySpki)]: { rawBytes } };
  const trusted = TrustedRoot.fromJSON(JSON.parse(parseUtf8(root, 'root')));
  const verifier = new Verifier(toTrustMaterial(trusted, recordKeys as never), {
    tlogThreshold: entries,
    timestampThreshold: 0,
  });
  verifier.verify(toSignedEntity(bundleFromJSON(JSON.parse(bundle))));
}

test("Sigstore's verifier accepts the provenance of a released model, as an entry of our log", () => {
  verify(files['provenance.sigstore.json']!, 1);
  const { dsseEnvelope } = JSON.parse(files['provenance.sigstore.json']!) as {
    dsseEnvelope: { payload: string };
  };
  const statement = JSON.parse(Buffer.from(dsseEnvelope.payload, 'base64').toString()) as {
    subject: { name: string; digest: { sha256: string } }[];
  };
  assert.deepEqual(
    statement.subject.find(({ name }) => name === 'model-file'),
    { name: 'model-file', digest: { sha256: fileDigest } },
  );
});

test('it accepts model.sig with the record key alone, which lists every other file by its SHA-256', () => {
  verify(files['model.sig']!, 0);
  const { dsseEnvelope } = JSON.parse(files['model.sig']!) as { dsseEnvelope: { payload: string } };
  const statement = JSON.parse(Buffer.from(dsseEnvelope.payload, 'base64').toString()) as {
    predicate: { resources: { name: string; digest: string }[] };
  };
  const digestOf = (bytes: string | Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  const { 'model.sig': _, ...others } = files;
  const expected = [...Object.entries(others), ['model.bin', file] as const].map(([name, bytes]) => ({
    ...{ algorithm: 'sha256', name, digest: digestOf(bytes) },
  }));
  assert.deepEqual(
    statement.predicate.resources,
    expected.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  );
});

test('it refuses both with one character changed', () => {
  for (const [name, entries] of [
    ['provenance.sigstore.json', 1],
    ['model.sig', 0],
  ] as const) {
    const bundle = JSON.parse(files[name]!) as { dsseEnvelope: { payload: string } };
    const payload = Buffer.from(bundle.dsseEnvelope.payload, 'base64');
    payload[40]! ^= 1;
    bundle.dsseEnvelope.payload = payload.toString('base64');
    assert.throws(() => verify(JSON.stringify(bundle), entries), name);
  }
});
