// What lies beside an exported log, for somebody who has nothing else: what the files are, and how to check them with programs that
// other people wrote.
import { utf8, type Bytes } from '@blindsum/proto';

export interface ExportedLog {
  readonly origin: string;
  readonly vkey: string;
  readonly size: number;
  readonly root: string;
  readonly ok: boolean;
  readonly job?: string | undefined;
}

/** The text, which depends on the log alone. */
export function toExportReadme(log: ExportedLog): Bytes {
  return utf8([toHead(log), FILES, log.job === undefined ? WHOLE : ONE_JOB, OTHERS, LIMITS].join('\n'));
}

function toHead({ origin, vkey, size, root, ok, job }: ExportedLog): string {
  const about = job === undefined ? 'All records' : `The records of job ${job}, and those of no job,`;
  const verdict = ok ? 'It was in order when it was exported.' : 'IT WAS NOT IN ORDER when it was exported.';
  return `${about} of the transparency log ${origin || '(of no valid key)'}.
${verdict}

  entries  ${size}
  root     ${root || '(the checkpoint does not verify)'}
  key      ${vkey || '(none)'}

Compare the key with one that you were given by somebody you trust: a forged log brings a forged key.
`;
}

const FILES = `Files
  checkpoint           what the log signed: its name, number of entries, root (C2SP tlog-checkpoint, signed-note)
  log.vkey             its key, as a note verifier key
  tile/...             hashes of the tree, and tile/entries/... its entries (C2SP tlog-tiles, RFC 6962)
  records/<sha256>.json  the records: in-toto statements in DSSE envelopes; named by the digest in their entries
  record-key.pem       the key that signs the records, from the charter, which is entry 0
  timestamps/<n>.tsr   responses of a timestamp authority (RFC 3161) about the tree of n entries, if there are any
  policy, checkpoint.cosigned, trusted_root.json  whom the coordinator named as witnesses, what they cosigned, and the log's key for Sigstore's tools, if it has them
`;

const WHOLE = `To check all of it with this project's program
  blindsum-audit fsck . --vkey '<the key>'
`;

const ONE_JOB = `  bundles/<n>.sigstore.json  entry n with its proof, as a Sigstore bundle

To check a record of it with this project's program, without the rest of the log
  blindsum-audit verify bundles/<n>.sigstore.json --vkey '<the key>' --record-key record-key.pem
`;

const OTHERS = `To check it with other people's programs
- The tree: golang.org/x/mod/sumdb/note opens the checkpoint with the key, and golang.org/x/mod/sumdb/tlog (TileHashReader, height
  8, without the "8/" in its paths) proves every entry from the tiles.
- A record, with OpenSSL: make the bytes that were signed, and verify them. Their SHA-256 is the record's name.
    r=records/<sha256>.json
    sed 's/.*"payload":"\\([^"]*\\)".*/\\1/' "$r" | base64 -d > payload
    sed 's/.*"sig":"\\([^"]*\\)".*/\\1/' "$r" | base64 -d > signature
    { printf 'DSSEv1 28 application/vnd.in-toto+json %s ' "$(wc -c < payload)"; cat payload; } > signed
    openssl dgst -sha256 -verify record-key.pem -signature signature signed
    sha256sum signed
- A timestamp, with OpenSSL: the text that it is about has three lines, the log's name, n, and the root of that tree in base64 (the
  anchor record has it in hexadecimal).
    openssl ts -verify -in timestamps/<n>.tsr -data text -CAfile authority.pem
`;

const LIMITS = `What this does not show
- The encrypted updates are not in the log: that a sum is theirs is checked with them (blindsum-audit sum).
- Whether the log showed somebody else another history: compare its checkpoint with what others kept (blindsum-audit compare), or ask
  its witnesses.
`;
