// What the records of a log must say together: one charter, one record of each thing, everything after what it rests on.
import { isEqualBytes, parseBase64, Refusal, refuseUnless, type Digest } from '@blindsum/proto';
import { recordName, type LogRecord, type Predicate } from '@blindsum/proto/tlog';
import { CertificateHistory } from './certificate-check.ts';
import { CosigningHistory } from './cosigning-history.ts';
import type { EntryRecord } from './entry-check.ts';
import { verifyConsents } from './evidence-check.ts';
import { findingsOf, type Finding } from './finding.ts';
import { verifyRelease } from './release-check.ts';
import { NameHistory } from './redaction-check.ts';
import { toLoggedRoster, verifyRoster, type LoggedRoster } from './roster-check.ts';
import {
  createJobHistory,
  keysUnder,
  verifyIncident,
  verifyLateConsent,
  verifyRound,
  verifySealed,
  type JobHistory,
} from './round-check.ts';
import { verifyWithdrawal } from './withdrawal-check.ts';

/** What is wrong with one record. */
export interface Admission {
  /** With its place in the log and its signer. */
  readonly standing: readonly Finding[];
  /** With what it says. */
  readonly content: readonly Finding[];
}

/** Takes the records of a log in their order and says what contradicts what came before. */
export class History {
  readonly #origin: string;
  readonly #names = new NameHistory();
  readonly #rosters = new Map<Digest, LoggedRoster>();
  #latestRoster: LoggedRoster | undefined;
  readonly #jobs = new Map<string, JobHistory>();
  readonly #certificates = new CertificateHistory();
  /** Who must have cosigned. */
  readonly cosigning = new CosigningHistory();
  #charter: Predicate<'charter'> | undefined;
  /** The latest record of administrative actions. */
  #administration: { readonly to: number; readonly digest: Digest } | undefined;
  #hasGap = false;

  /** `origin` is the checkpoint's. */
  constructor(origin: string) {
    this.#origin = origin;
  }

  /** Passes over an entry whose record cannot be read. */
  skip(): void {
    this.#hasGap = true;
  }

  /** What is wrong with the next record, given those before it. It counts as said in any case. */
  admit(checked: EntryRecord): Admission {
    const { entry, record } = checked;
    const prefix = `${recordName(record)}: `;
    return {
      standing: [
        ...findingsOf(entry, () => this.#verifyPlace(checked)),
        ...findingsOf(entry, () => this.#verifySigner(checked), prefix),
        ...findingsOf(entry, () => this.#verifyRedaction(checked), prefix),
      ],
      content: findingsOf(entry, () => this.#verifyContent(checked), prefix),
    };
  }

  /** What has been said about a job so far, as a copy; undefined before its manifest. */
  jobSoFar(job: string): JobHistory | undefined {
    const history = this.#jobs.get(job);
    if (!history) return undefined;
    const { sealed, consents, withdrawn, published } = history;
    return {
      ...history,
      sealed: [...sealed],
      consents: [...consents],
      withdrawn: new Set(withdrawn),
      published: new Map(published),
    };
  }

  #verifyPlace({ entry, digest, record }: EntryRecord): void {
    this.#names.admit(entry, digest, record);
    refuseUnless(
      (record.kind === 'charter') === (entry === 0),
      'BAD_RECORD',
      'the charter must be the first entry',
    );
  }

  #verifySigner({ record, signerSpki }: EntryRecord): void {
    if (record.kind === 'charter') this.#charter ??= record.predicate;
    if (!this.#charter && this.#hasGap) return;
    if (!this.#charter) throw new Refusal('BAD_RECORD', 'there is no charter to say who may sign it');
    const recordKey = parseBase64(this.#charter.recordKey, 'record key of the charter');
    refuseUnless(
      isEqualBytes(signerSpki, recordKey),
      'BAD_SIGNATURE',
      'signed by a key that the charter does not name',
    );
  }

  #verifyRedaction({ entry, record }: EntryRecord): void {
    if (record.kind === 'redaction') this.#names.redact(entry, record.predicate);
  }

  #verifyContent({ entry, record, digest }: EntryRecord): void {
    switch (record.kind) {
      case 'charter':
        this.cosigning.admitCharter(entry, digest, record.predicate);
        return this.#verifyOwn(record);
      case 'charter-amendment':
        this.#verifyOwn(record);
        return this.cosigning.admitAmendment(entry, digest, record.predicate);
      case 'roster':
        this.cosigning.admitRoster(entry, record.predicate);
        return this.#admitRoster(record.predicate);
      case 'manifest':
        return this.#admitManifest(record.predicate);
      case 'consent':
        return verifyLateConsent(this.#jobOf(record.predicate), record.predicate);
      case 'withdrawal':
        return verifyWithdrawal(this.#jobOf(record.predicate), record.predicate);
      case 'round-sealed':
        return this.#admitSealed(record.predicate);
      case 'round':
        return verifyRound(this.#jobOf(record.predicate), {
          round: record.predicate,
          digest,
          federation: this.#origin,
        });
      case 'incident':
        return verifyIncident(this.#jobOf(record.predicate), record.predicate);
      case 'certificate':
        return this.#certificates.admit(record.predicate);
      case 'administration':
        return this.#admitAdministration(record.predicate, digest);
      case 'release':
        return verifyRelease(this.#jobOf(record.predicate), record.predicate, this.#origin);
      case 'redaction':
      case 'anchor':
        // The first is looked at with the names, the other with the tree.
        return;
    }
  }

  #verifyOwn({ kind, predicate }: Extract<LogRecord, { kind: 'charter' | 'charter-amendment' }>): void {
    const { federation } = predicate;
    const isOwn = federation === this.#origin && (kind !== 'charter' || predicate.origin === this.#origin);
    const whose = kind === 'charter' ? predicate.origin : federation;
    const what = kind === 'charter' ? 'the charter' : 'an amendment of the charter';
    refuseUnless(isOwn, 'BAD_RECORD', `it is ${what} of ${whose}, not of ${this.#origin}`);
  }

  #admitRoster(record: Predicate<'roster'>): void {
    const previous = this.#latestRoster;
    const roster = toLoggedRoster(record);
    this.#rosters.set(record.rosterHash, roster);
    this.#latestRoster = roster;
    verifyRoster(roster, previous, this.#origin);
  }

  #admitManifest(manifest: Predicate<'manifest'>): void {
    if (!this.#jobs.has(manifest.job))
      this.#jobs.set(manifest.job, createJobHistory(manifest, this.#rosters));
    keysUnder({ rosters: this.#rosters }, manifest.rosterHash);
    verifyConsents(manifest.consents, manifest, (hash) => this.#rosters.get(hash)?.keys);
  }

  #admitSealed(sealed: Predicate<'round-sealed'>): void {
    verifySealed(this.#jobOf(sealed), sealed);
    this.#certificates.verifyNamed(sealed.excluded);
  }

  /** The ranges of the trail join without a gap: no entry is left out, or vouched for twice. */
  #admitAdministration({ from, to, previousRecord }: Predicate<'administration'>, digest: Digest): void {
    const before = this.#administration;
    this.#administration = { to, digest };
    const expected = (before?.to ?? 0) + 1;
    refuseUnless(
      from === expected,
      'BAD_RECORD',
      `it begins at entry ${from} of the trail, not at ${expected}`,
    );
    refuseUnless(
      previousRecord === (before?.digest ?? ''),
      'BAD_RECORD',
      'it does not name the record of the range before',
    );
  }

  #jobOf({ job }: { readonly job: string }): JobHistory {
    const history = this.#jobs.get(job);
    if (!history) throw new Refusal('BAD_RECORD', `the manifest of job ${job} is not in the log before it`);
    return history;
  }
}
