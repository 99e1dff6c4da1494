// What lies beside the file of a released model: how to use it, where it is from, and who says so.
import { parseUtf8, sha256, toHex, utf8, type Bytes, type Digest } from '@blindsum/proto';
import type { P256Signer } from '@blindsum/proto/node';
import { encodeModelSignature, encodeModelStatement, MODEL_SIGNATURE_FILE } from '@blindsum/proto/provenance';
import {
  IN_TOTO_PAYLOAD_TYPE,
  toPae,
  recordName,
  toRedactionName,
  toRoundName,
  type Predicate,
} from '@blindsum/proto/tlog';
import type { LogStore } from '../log/log-store.ts';
import type { Log } from '../log/sequencer.ts';
import type { BlobStore } from '../ports.ts';
import type { UploadTarget } from '../uploads/upload-target.ts';
import { createLogBundle } from './log-bundle.ts';
import { createModelCard, type CardRound } from './model-card.ts';
import { describeModel, MODEL_FILE } from './model-description.ts';
import type { PublishedRound } from './release-record.ts';

export const PROVENANCE_FILE = 'provenance.sigstore.json';
export const DESCRIPTION_FILE = 'model.json';
export const CARD_FILE = 'README.md';

export interface ReleaseSources {
  readonly log: Pick<Log, 'find' | 'read' | 'vkey'>;
  readonly logFiles: Pick<LogStore, 'read'>;
  readonly blobs: Pick<BlobStore, 'read'>;
  /** Signs what `model.sig` says. */
  readonly signer: P256Signer;
  readonly origin: string;
}

/** The texts by name, of a model whose release is in the log and whose file is whole and verified. */
export async function createReleaseFiles(
  sources: ReleaseSources,
  published: PublishedRound,
  model: UploadTarget,
): Promise<Readonly<Record<string, string>>> {
  const { release, entry, bundle } = await readRelease(sources, published);
  const { id, document } = published;
  const { manifest } = document;
  const rounds = await readRounds(sources.log, id.job, id.round);
  const hashes = { modelHash: release.modelHash, fileDigest: release.fileDigest };
  const statistics = await readStatistics(sources.blobs, model, published);
  const texts = {
    [CARD_FILE]: createModelCard({ id, manifest, release, entry, logOrigin: sources.origin, rounds }),
    [DESCRIPTION_FILE]: describeModel({
      ...{ manifest, round: id.round, bytes: model.size },
      ...{ ...hashes, ...statistics },
    }),
    [PROVENANCE_FILE]: parseUtf8(bundle, PROVENANCE_FILE),
  };
  const signature = signModel(sources.signer, `${id.job}-round-${id.round}`, [
    { name: MODEL_FILE, digest: release.fileDigest },
    ...Object.entries(texts).map(([name, text]) => ({ name, digest: digestOf(utf8(text)) })),
  ]);
  return { ...texts, [MODEL_SIGNATURE_FILE]: parseUtf8(signature, MODEL_SIGNATURE_FILE) };
}

interface LoggedRelease {
  readonly release: Predicate<'release'>;
  readonly entry: number;
  readonly bundle: Bytes;
}

async function readRelease(
  { log, logFiles }: ReleaseSources,
  { id, document, round }: PublishedRound,
): Promise<LoggedRelease> {
  const { job, round: number } = id;
  const admitted = log.find(`release of the model of ${toRoundName({ job, round: number })}`);
  if (!admitted) throw new Error('a model is described before its release is in the log');
  const record = await log.read(admitted.record);
  if (record.kind !== 'release') throw new Error(`${recordName(record)} in the place of a release`);
  const { predicate } = record;
  const isThis = predicate.modelHash === round.modelHash && predicate.manifestHash === document.manifestHash;
  if (!isThis) throw new Error('the release in the log is of another model');
  const bundle = await createLogBundle(logFiles, admitted, log.vkey);
  return { release: predicate, entry: admitted.index, bundle };
}

async function readRounds(
  log: ReleaseSources['log'],
  job: PublishedRound['id']['job'],
  last: number,
): Promise<CardRound[]> {
  const rounds: CardRound[] = [];
  for (let round = 0; round <= last; round++) {
    const admitted = log.find(toRoundName({ job, round }));
    const isErased = admitted === undefined || log.find(toRedactionName(admitted.record)) !== undefined;
    const record = isErased ? undefined : await log.read(admitted.record);
    rounds.push(record?.kind === 'round' ? record.predicate : { round, erased: true });
  }
  return rounds;
}

const HEADER_BYTES = 16;

/** Means and deviations, which follow the weights in the file (PROTOCOL.md section 3). */
async function readStatistics(
  blobs: ReleaseSources['blobs'],
  model: UploadTarget,
  { document: { manifest } }: PublishedRound,
): Promise<{ readonly mean: number[]; readonly deviation: number[] }> {
  const features = manifest.data.features.filter(({ type }) => type === 'number').length;
  const bytes = await blobs.read(model, HEADER_BYTES + manifest.model.parameters * 4, features * 16);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = Array.from({ length: 2 * features }, (_, i) => view.getFloat64(i * 8, true));
  return { mean: values.slice(0, features), deviation: values.slice(features) };
}

function signModel(
  { sign, publicKeySpki }: P256Signer,
  name: string,
  files: readonly { readonly name: string; readonly digest: Digest }[],
): Bytes {
  const payload = encodeModelStatement({ name, files });
  const signature = sign(toPae(IN_TOTO_PAYLOAD_TYPE, payload));
  return encodeModelSignature({ payload, signature }, publicKeySpki);
}

function digestOf(bytes: Bytes): Digest {
  return toHex(sha256(bytes)) as Digest;
}
