// Sees everything that a site shows and is shown, over all its processes, and holds both sides to what they may never do.
import assert from 'node:assert/strict';
import {
  acknowledgementCodec,
  attestationCodec,
  checkpointComplaintCodec,
  checksumStatementCodec,
  commitmentCodec,
  complaintCodec,
  consentCodec,
  openingCodec,
  sealedCheckpointCodec,
  isEqualBytes,
  toHex,
  type Bytes,
  type JobId,
  type MessageCodec,
  type SiteId,
} from '@blindsum/proto';
import type { Journal } from '../../participant/src/journal/journal.ts';
import type { RoundMessageType, UploadKind } from '../../participant/src/ports.ts';
import type { JobSnapshot, RoundReference } from '../../participant/src/session/round-snapshot.ts';
import type { RecordsSeen } from '../simulation/watched.ts';

/** Something that a site uploads. */
export interface SiteBlob {
  readonly ref: RoundReference;
  readonly kind: UploadKind;
  /** Names the bytes of a checkpoint: for the members of a later roster, another one takes its place. */
  readonly content: string;
}

const CODECS = {
  consent: consentCodec,
  commitment: commitmentCodec,
  acknowledgement: acknowledgementCodec,
  complaint: complaintCodec,
  checksum: checksumStatementCodec,
  opening: openingCodec,
  attestation: attestationCodec,
  checkpoint: sealedCheckpointCodec,
  'checkpoint-complaint': checkpointComplaintCodec,
};

/** Of one site. */
export class SiteWitness {
  readonly #site: SiteId;
  readonly #job: JobId;
  readonly #journal: Journal;
  readonly #log: RecordsSeen;
  readonly #onPlace: (place: string) => void;
  /** What the site said of each subject, in hexadecimal. */
  readonly #said = new Map<string, string>();
  /** Bytes of each upload that the coordinator has confirmed. */
  readonly #confirmed = new Map<string, number>();
  /** The latest version of the job that the site was shown. */
  latestVersion = 0n;

  constructor(of: {
    readonly site: SiteId;
    readonly job: JobId;
    readonly journal: Journal;
    readonly log: RecordsSeen;
    /** Told of places that a run must have been at. */
    readonly onPlace: (place: string) => void;
  }) {
    this.#site = of.site;
    this.#job = of.job;
    this.#journal = of.journal;
    this.#log = of.log;
    this.#onPlace = of.onPlace;
  }

  /** A message leaves the site. */
  sends(type: keyof typeof CODECS, payload: Bytes, ref?: RoundReference): void {
    const value = (CODECS[type] as MessageCodec<unknown>).read(payload) as Record<string, string>;
    const { context = '', setAttempt = '', subject = '' } = value;
    if (type === 'commitment' && ref) this.#checkWithdrawal(ref);
    const place = `${type} ${context} ${setAttempt} ${subject}`;
    const text = toHex(payload);
    // A checkpoint may be sealed again, with fresh randomness: it says the same.
    if (type === 'checkpoint' || type === 'checkpoint-complaint') return;
    assert.equal(this.#said.get(place) ?? text, text, `${this.#site} says two things about ${place}`);
    this.#said.set(place, text);
    if (ref && type !== 'consent') this.#checkJournal(type, payload, ref);
  }

  /** A site that has withdrawn signs for no round from there on. */
  #checkWithdrawal({ job, round }: RoundReference): void {
    const withdrawal = this.#journal.withdrawal(job);
    assert.ok(
      withdrawal === undefined || round < withdrawal.fromRound,
      `${this.#site} has withdrawn, and contributes to round ${round}`,
    );
  }

  /** 3 and 4: an upload begins, or goes on from byte `start`. */
  uploads(blob: SiteBlob, start: number): void {
    const { ref, kind } = blob;
    if (start > 0) this.#onPlace(`upload of ${kind} resumed`);
    if (kind === 'checkpoint') return;
    const bound =
      kind === 'opening' ? this.#journal.opening(ref.job, ref.round) : this.#journal.commitment(ref);
    assert.ok(bound, `${this.#site} ${keyOf(blob)}: sent before it is in the journal`);
  }

  /** 8: the coordinator says that it has the first `offset` bytes, of which it never loses any. */
  confirmed(blob: SiteBlob, offset: number): void {
    const before = this.#confirmed.get(keyOf(blob)) ?? 0;
    assert.ok(offset >= before, `${this.#site} ${keyOf(blob)}: acknowledged bytes were lost`);
    this.#confirmed.set(keyOf(blob), offset);
  }

  /**
   * 10: the coordinator shows a set, a result or a failure only once it is in the log. `askedAt` is the latest version when the
   * site asked: of two questions at a time, the first may be answered last.
   */
  sees(view: JobSnapshot, askedAt: bigint): void {
    assert.ok(view.version >= askedAt, 'the version that a site sees went back');
    if (view.version > this.latestVersion) this.latestVersion = view.version;
    const round = 'round' in view ? view.round : undefined;
    if (!round) return;
    const isLogged = (kind: string) =>
      this.#log.records.some(
        (record) =>
          record.kind === kind &&
          'attempt' in record.predicate &&
          record.predicate.round === round.ref.round &&
          record.predicate.attempt === round.ref.attempt,
      );
    if ('set' in round)
      assert.ok(
        this.#log.sealedIndex(round.set.root) >= 0,
        'invariant 10: a set was shown before it was logged',
      );
    if (round.phase === 'published')
      assert.ok(isLogged('round'), 'invariant 10: a result was shown too early');
    if (round.phase === 'failed')
      assert.ok(isLogged('incident'), 'invariant 10: a failure was shown too early');
  }

  /** 3 and 4: what binds the site is in its journal before it leaves. */
  #checkJournal(type: RoundMessageType, payload: Bytes, ref: RoundReference): void {
    const journal = this.#journal;
    const why = `${this.#site} sends ${type} of ${ref.round}-${ref.attempt} without its journal`;
    const isHeld = (message: { readonly payload: Bytes } | undefined) =>
      assert.ok(message && isEqualBytes(message.payload, payload), why);
    if (type === 'commitment') isHeld(journal.commitment(ref)?.message);
    if (type === 'opening') isHeld(journal.opening(this.#job, ref.round)?.message);
    if (type === 'acknowledgement')
      assert.equal(journal.acknowledged(ref)?.setRoot, acknowledgementCodec.read(payload).setRoot, why);
    if (type === 'attestation')
      assert.equal(
        journal.outcome(this.#job, ref.round)?.modelHash,
        attestationCodec.read(payload).modelHash,
        why,
      );
  }
}

function keyOf({ ref, kind, content }: SiteBlob): string {
  return `${kind} ${content} of ${ref.round}-${ref.attempt}`;
}
