// A copy of a log to keep: every file that checking it needs, as it was when it was checked.
import { parseBase64, Refusal, utf8, type Bytes, type Digest, type JobId } from '@blindsum/proto';
import { encodePublicKeyPem } from '@blindsum/proto/provenance';
import { parseEnvelope, parseRecord, type Envelope, type LogRecord } from '@blindsum/proto/tlog';
import { auditLog, type FsckReport, type OnEntry } from '../fsck.ts';
import type { LogReader } from '../log-reader.ts';
import { COSIGNED, pinServedLog, POLICY } from '../served-log.ts';
import { toExportReadme } from './export-readme.ts';
import { toRecordBundles } from './record-bundles.ts';

/** Where an export is written; called once for each path. */
export type ExportSink = (path: string, bytes: Bytes) => Promise<void>;

export interface ExportRequest {
  readonly reader: LogReader;
  readonly sink: ExportSink;
  /** Keep the records of this job, and those of no job. */
  readonly job?: JobId | undefined;
  /** The key that is trusted; without it the log's own is taken. */
  readonly vkey?: string | undefined;
  readonly onEntry?: OnEntry;
}

/** What was kept, and whether it is in order: a log that is not may be worth keeping most. */
export interface ExportReport extends Omit<FsckReport, 'erased' | 'jobs' | 'records'> {
  /** Null for the whole log. */
  readonly job: string | null;
  readonly files: number;
}

/** What a log has besides the files that checking it reads. */
const EXTRAS = [POLICY, COSIGNED, 'trusted_root.json'];
const RECORD_PATH = /^records\/([0-9a-f]{64})\.json$/;

/** Checks the log, and keeps what that reads. Refuses UNAVAILABLE when it cannot be read, MALFORMED for a `vkey` that is none. */
export async function exportLog(request: ExportRequest): Promise<ExportReport> {
  const { job, vkey } = request;
  const pinned = await pinServedLog(request.reader);
  const kept = new KeptFiles(request.sink, job);
  const read = async (path: string) => {
    const bytes = await pinned.reader.read(path);
    if (bytes) await kept.take(path, bytes);
    return bytes;
  };
  // Tiles of earlier checkpoints, which only a folder lists, are not kept: the export is the same wherever it is read from.
  const reader = { ...pinned.reader, read, listTiles: () => Promise.resolve([]) };
  const {
    erased: _,
    jobs: __,
    records: ___,
    ...report
  } = (await auditLog({ ...pinned, reader }, vkey, request.onEntry)).report;
  for (const path of EXTRAS) await read(path);
  if (job !== undefined && report.ok)
    for await (const { path, bytes } of toRecordBundles(pinned, report.vkey, kept.records))
      await kept.take(path, bytes);
  await kept.take('README.txt', toExportReadme({ ...report, job }));
  return { ...report, job: job ?? null, files: kept.count };
}

class KeptFiles {
  readonly #sink: ExportSink;
  readonly #job: string | undefined;
  readonly #paths = new Set<string>();
  /** Those of the job, by digest; none where everything is kept. */
  readonly records = new Map<Digest, Envelope>();

  constructor(sink: ExportSink, job: string | undefined) {
    this.#sink = sink;
    this.#job = job;
  }

  get count(): number {
    return this.#paths.size;
  }

  async take(path: string, bytes: Bytes): Promise<void> {
    if (this.#paths.has(path)) return;
    const digest = RECORD_PATH.exec(path)?.[1];
    const opened = digest === undefined ? undefined : openRecord(bytes);
    if (opened && !this.#isAsked(opened.record)) return;
    this.#paths.add(path);
    if (opened && this.#job !== undefined) this.records.set(digest as Digest, opened.envelope);
    await this.#sink(path, bytes);
    if (opened?.record.kind === 'charter') await this.#takeKey(opened.record.predicate.recordKey);
  }

  #isAsked({ predicate }: LogRecord): boolean {
    return (
      this.#job === undefined || !('job' in predicate) || predicate.job === this.#job || predicate.job === ''
    );
  }

  async #takeKey(recordKey: string): Promise<void> {
    await this.take('record-key.pem', utf8(encodePublicKeyPem(parseBase64(recordKey, 'record key'))));
  }
}

/** One that cannot be read is kept as well. */
function openRecord(bytes: Bytes): { readonly envelope: Envelope; readonly record: LogRecord } | undefined {
  try {
    const envelope = parseEnvelope(bytes);
    return { envelope, record: parseRecord(envelope.payload) };
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}
