// The transparency log that a site follows, and what it is shown of it.
import type { Bytes } from '@blindsum/proto';
import type { NoteKey } from '@blindsum/proto/tlog';

/** The log that a site follows: the keys that it saw first, and holds on to. */
export interface KnownLog {
  /** Of its checkpoints; named like the log. */
  readonly key: NoteKey;
  /** Of its records: SubjectPublicKeyInfo of a P-256 key, DER. */
  readonly recordKey: Bytes;
}

/** The largest checkpoint that a site has verified. */
export interface KeptHead {
  /** 1 and up. */
  readonly size: bigint;
  /** 32 bytes. */
  readonly root: Bytes;
  /** The signed note, as it was shown. */
  readonly note: string;
}

/** A checkpoint as the coordinator shows it: nothing in it is verified. */
export interface ShownHead {
  readonly note: Bytes;
  /** Consistency proof from the size that was asked for. */
  readonly proof: readonly Bytes[];
}

/** A record as the coordinator shows it: nothing in it is verified. */
export interface ShownRecord {
  readonly index: bigint;
  readonly payload: Bytes;
  /** ECDSA P-256, DER. */
  readonly signature: Bytes;
  /** Inclusion proof in the tree of a head. */
  readonly proof: readonly Bytes[];
}
