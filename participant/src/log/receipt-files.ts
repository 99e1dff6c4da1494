// Receipts in the state directory: for each attempt that this site committed to, the record of its end and the proof that it is in
// the log. Both are files that other people's tools read.
//
//   receipts/<job>/<round>-<attempt>.record.json    the DSSE envelope
//   receipts/<job>/<round>-<attempt>.tlog-proof     C2SP tlog-proof: checkpoint with cosignatures, and inclusion
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { utf8, type Bytes } from '@blindsum/proto';
import { encodeEnvelope, encodeTlogProof, type Envelope, type TlogProof } from '@blindsum/proto/tlog';
import type { AttemptId } from '../journal/journal.ts';
import { makeFolderDurably } from '../make-folder-durably.ts';
import { writeDurably } from '../write-durably.ts';

/** As they are on disk: nothing in them is verified. */
export interface ReceiptFilesFound {
  readonly record: Bytes;
  readonly proof: Bytes;
}

export class ReceiptFiles {
  readonly #stateDirectory: string;

  constructor(stateDirectory: string) {
    this.#stateDirectory = stateDirectory;
  }

  /** Replaces an earlier receipt of the attempt; durable once it returns. */
  save(id: AttemptId, envelope: Envelope, proof: TlogProof): void {
    makeFolderDurably(this.#stateDirectory, this.#folder(id));
    writeDurably(this.#path(id, 'record.json'), encodeEnvelope(envelope));
    // Last: a proof is there only with its record.
    writeDurably(this.#path(id, 'tlog-proof'), utf8(encodeTlogProof(proof)));
  }

  find(id: AttemptId): ReceiptFilesFound | undefined {
    const paths = [this.#path(id, 'record.json'), this.#path(id, 'tlog-proof')];
    if (!paths.every((path) => existsSync(path))) return undefined;
    const [record, proof] = paths.map((path) => new Uint8Array(readFileSync(path)));
    return { record: record!, proof: proof! };
  }

  #folder({ job }: AttemptId): string {
    return join(this.#stateDirectory, 'receipts', job);
  }

  #path(id: AttemptId, kind: string): string {
    return join(this.#folder(id), `${id.round}-${id.attempt}.${kind}`);
  }
}
