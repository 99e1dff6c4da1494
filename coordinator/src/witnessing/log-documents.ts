// What the log serves besides its files: the checkpoint with its cosignatures, and what a client could derive from the files itself.
import { jobIdSchema, toCanonicalBytes, utf8, type Bytes, type JobId } from '@blindsum/proto';
import { encodeTrustedRoot } from '@blindsum/proto/provenance';
import {
  encodeRecordSchema,
  encodeTlogPolicy,
  RECORD_KINDS,
  toRoundName,
  toSchemaFile,
  type NoteKey,
  type TlogPolicy,
} from '@blindsum/proto/tlog';
import type { LogStore } from '../log/log-store.ts';
import type { Log } from '../log/sequencer.ts';
import type { CosignedCheckpoints } from './cosigned-checkpoints.ts';
import { readLoggedEntry, toEntryBundle, toEntryProof } from './logged-entry.ts';

export interface LogDocument {
  readonly type: 'text/plain; charset=utf-8' | 'application/json';
  readonly bytes: Bytes;
}

export interface LogDocumentParts {
  readonly log: Pick<Log, 'find' | 'settled'>;
  readonly files: Pick<LogStore, 'read'>;
  readonly logKey: NoteKey;
  readonly checkpoints: Pick<CosignedCheckpoints, 'published' | 'withQuorum' | 'covering'>;
  /** In force at this moment. */
  readonly policy: () => Promise<TlogPolicy>;
}

/** The document at a path below the log's address, in its one spelling; undefined where there is none. Refuses NOT_FOUND. */
export type OpenLogDocument = (path: string) => Promise<LogDocument | undefined>;

// The log has one key for life, so that no verifier has to know since when it is good.
const SINCE_EVER_MS = 0;

export function createLogDocuments(parts: LogDocumentParts): OpenLogDocument {
  const { checkpoints, logKey } = parts;
  const named: Record<string, () => Promise<LogDocument | undefined>> = {
    checkpoint: async () => toText((await checkpoints.published()).note),
    'checkpoint.cosigned': async () => {
      const cosigned = await checkpoints.withQuorum();
      return cosigned && toText(cosigned.note);
    },
    policy: async () => {
      // A checkpoint is there before its last record can be found; whoever saw it is owed the policy that it asks for.
      await parts.log.settled();
      return toText(utf8(encodeTlogPolicy(await parts.policy())));
    },
    'trusted_root.json': async () => toJson(encodeTrustedRoot(logKey, SINCE_EVER_MS)),
  };
  for (const kind of RECORD_KINDS)
    named[`schemas/${toSchemaFile(kind)}`] = async () => toJson(encodeRecordSchema(kind));
  return async (path) => {
    if (Object.hasOwn(named, path)) return named[path]?.();
    return (await openEntry(parts, path)) ?? openRound(parts, path);
  };
}

async function openEntry(parts: LogDocumentParts, path: string): Promise<LogDocument | undefined> {
  const proof = toIndex(/^proof\/(0|[1-9][0-9]{0,14})\.tlog-proof$/.exec(path));
  if (proof !== undefined) return toText(utf8(toEntryProof(await readEntry(parts, proof))));
  const bundle = toIndex(/^bundle\/(0|[1-9][0-9]{0,14})\.sigstore\.json$/.exec(path));
  if (bundle === undefined) return undefined;
  return toJson(await toEntryBundle(parts.files, parts.logKey, await readEntry(parts, bundle)));
}

async function readEntry({ files, checkpoints }: LogDocumentParts, index: number) {
  return readLoggedEntry(files, index, await checkpoints.covering(index));
}

/** Where the record of a round is, and what proves it. */
function openRound({ log }: LogDocumentParts, path: string): LogDocument | undefined {
  const [, name, digits] = /^rounds\/([^/]+)\/(0|[1-9][0-9]{0,8})$/.exec(path) ?? [];
  const job: JobId | undefined = jobIdSchema.safeParse(name).data;
  const admitted = job && log.find(toRoundName({ job, round: Number(digits) }));
  if (!admitted) return undefined;
  const { index, record } = admitted;
  return toJson(
    toCanonicalBytes({
      ...{ job, round: Number(digits), index, record },
      links: {
        record: `/log/records/${record}.json`,
        bundle: `/log/bundle/${index}.sigstore.json`,
        proof: `/log/proof/${index}.tlog-proof`,
      },
    }),
  );
}

function toIndex(match: RegExpExecArray | null): number | undefined {
  return match ? Number(match[1]) : undefined;
}

function toText(bytes: Bytes): LogDocument {
  return { type: 'text/plain; charset=utf-8', bytes };
}

function toJson(bytes: Bytes): LogDocument {
  return { type: 'application/json', bytes };
}
