// A coordinator in memory that pushes every round forward as far as the sites let it, and lies where a test tells it to.
// It checks nothing: whatever stops an attack here is a site.
import { readFileSync, writeFileSync } from 'node:fs';
import {
  checksumStatementCodec,
  commitmentCodec,
  complaintCodec,
  encodePart,
  isEqualBytes,
  messageLeaf,
  N,
  Q,
  Refusal,
  setRoot,
  type Bytes,
  type Digest,
  type JobId,
  type SignedMessage,
  type SiteId,
} from '@blindsum/proto';
import { hashLeaf } from '@blindsum/proto/node';
import { inclusionProof } from '@blindsum/proto/tlog';
import { everybody } from '../fixtures/federation.ts';
import { ShownLog } from '../fixtures/shown-log.ts';
import { createPartHasher } from '../../participant/src/encryption/ciphertext-file.ts';
import type {
  Coordinator,
  DownloadSource,
  LogSource,
  RoundMessageType,
  SealedRecord,
  Transfers,
  UploadKind,
} from '../../participant/src/ports.ts';
import type {
  CheckpointSnapshot,
  RoundReference,
  RoundSnapshot,
} from '../../participant/src/session/round-snapshot.ts';
import { recordsOf } from './in-thread-encryptor.ts';
import { Waiting } from './waiting.ts';

/** Where the coordinator deviates; it is honest in what is not given. */
export interface Lies {
  /** The commitments it seals, instead of all that it holds. */
  readonly seal?: (commitments: readonly SignedMessage[]) => readonly SignedMessage[];
  /** The ciphertexts it adds up, instead of those of the set. */
  readonly addUp?: (contributions: readonly BigUint64Array[]) => readonly BigUint64Array[];
  /** What it delivers in place of the sum whose root it announced. */
  readonly deliverSum?: (sum: BigUint64Array) => BigUint64Array;
  /** What it shows one site. */
  readonly show?: (round: RoundSnapshot, site: SiteId) => RoundSnapshot;
  /** The checkpoint that it shows one site. */
  readonly checkpoint?: (site: SiteId) => CheckpointSnapshot | undefined;
  /** The log that it shows one site. */
  readonly log?: (honest: ShownLog, site: SiteId) => LogSource | undefined;
  /** The sealed records that it delivers to one site. */
  readonly deliver?: (records: readonly SealedRecord[], to: SiteId) => readonly SealedRecord[];
}

/** A message as it left a site. */
export interface Heard {
  readonly site: SiteId;
  readonly type: RoundMessageType;
  readonly attempt: number;
  readonly message: SignedMessage;
}

type Phase = Exclude<RoundSnapshot['phase'], 'failed'>;

export class LyingCoordinator {
  lies: Lies = {};
  /** Withdrawals that arrived, and are ignored. */
  readonly withdrawals: SignedMessage[] = [];
  /** Everything else that sites ever sent. */
  readonly heard: Heard[] = [];
  /** Sites that are gone: others may sign their checksum. */
  readonly gone = new Set<SiteId>();
  readonly waiting = new Waiting();
  /** Of all sets that it ever sealed. */
  readonly log = new ShownLog('test.example');
  ref: RoundReference;
  baseModelHash: Digest;
  rosterHash: Digest;
  phase: Phase = 'collecting';
  #version = 1n;
  #shown = 0;
  #setAttempt = 0;
  #commitments: readonly SignedMessage[] = [];
  #sum = new BigUint64Array(0);
  #sumRoot = '' as Digest;
  readonly #blobs = new Map<string, Bytes>();
  readonly #members: readonly SiteId[];

  constructor(
    members: readonly SiteId[],
    ref: RoundReference,
    { baseModelHash, rosterHash }: { readonly baseModelHash: Digest; readonly rosterHash: Digest },
  ) {
    this.rosterHash = rosterHash;
    this.#members = members;
    this.ref = ref;
    this.baseModelHash = baseModelHash;
  }

  /** Announces another round, or another attempt of the same one. */
  announce(ref: RoundReference, baseModelHash = this.baseModelHash): void {
    this.ref = ref;
    this.baseModelHash = baseModelHash;
    this.phase = 'collecting';
    this.#setAttempt = 0;
    this.change();
  }

  /** Takes back what it said after this phase, to say something else. */
  rewind(phase: 'collecting' | 'sealed'): void {
    this.phase = phase;
    if (phase === 'collecting') this.#setAttempt = 0;
    this.change();
  }

  /** Makes the sites look again. */
  change(): void {
    this.#version++;
    this.#shown = this.heard.length;
    this.waiting.wake();
  }

  /** Moves on, whoever is missing; false when there is nothing left to do. */
  advance(): boolean {
    const isNews = this.heard.length > this.#shown;
    const next = this.#nextPhase(isNews);
    if (next === undefined) return false;
    this.phase = next;
    this.change();
    return true;
  }

  messages(type: RoundMessageType): SignedMessage[] {
    return this.heard
      .filter((heard) => heard.type === type && heard.attempt === this.#attemptKey())
      .map(({ message }) => message);
  }

  blob(site: SiteId, kind: UploadKind): Bytes | undefined {
    return this.#blobs.get(this.#place(site, kind));
  }

  /** The honest view, with the lies for one site laid over it. */
  view(site: SiteId): RoundSnapshot {
    const round = this.#honestView();
    return this.lies.show?.(round, site) ?? round;
  }

  portOf(site: SiteId): Coordinator & Transfers {
    return {
      listJobs: async () => [],
      job: () => Promise.reject(new Refusal('NOT_FOUND', 'the documents are known')),
      watch: async (_job: JobId, knownVersion: bigint, _waitMs: number, busy?: AbortSignal) => {
        // Who looks on while it trains is not waiting, and nothing happens in the meantime.
        if (busy) return new Promise<never>(() => {});
        if (knownVersion === this.#version) await this.waiting.sleep(site);
        const checkpoint = this.lies.checkpoint?.(site);
        const job = { version: this.#version, state: 'running' as const, round: this.view(site) };
        return { ...job, ...(checkpoint && { checkpoint }) };
      },
      sendConsent: async () => undefined,
      sendWithdrawal: async (_job, message) => void this.withdrawals.push(message),
      send: async (type, _ref, message) => this.#hear(site, type, message),
      commit: async (ref, message) => {
        this.#hear(site, 'commitment', message);
        const { site: member } = commitmentCodec.read(message.payload);
        const about = { site: member, commitment: messageLeaf(message), atMs: 0 };
        return this.log.signPromise({ federation: this.log.origin, ...ref, ...about });
      },
      heartbeat: async () => ({ intervalMs: 1000 }),
      upload: async (_ref, kind, path) => {
        const bytes = new Uint8Array(readFileSync(path));
        this.#blobs.set(this.#place(site, kind), bytes);
        return bytes.length;
      },
      download: async (_ref, source, { path }) => writeFileSync(path, this.#download(source)),
      records: async (_ref, kind) => {
        const records = this.#records(kind === 'shares' ? 'shares' : 'opening', site);
        return this.lies.deliver?.(records, site) ?? records;
      },
    };
  }

  /** The log as that site is shown it. */
  logFor(site: SiteId): LogSource {
    return this.lies.log?.(this.log, site) ?? this.log.source();
  }

  /** The same again is a retry, and no news. */
  #hear(site: SiteId, type: RoundMessageType, message: SignedMessage): void {
    const isHeard = this.heard.some((heard) => isEqualBytes(heard.message.payload, message.payload));
    if (!isHeard) this.heard.push({ site, type, attempt: this.#attemptKey(), message });
  }

  #nextPhase(isNews: boolean): Phase | undefined {
    switch (this.phase) {
      case 'collecting':
        return this.#seal(this.lies.seal?.(this.messages('commitment')) ?? this.messages('commitment'));
      case 'sealed':
        return this.#sealWithoutAccused() ?? this.#addUp();
      case 'summed':
        return 'opening';
      case 'opening':
        if (isNews) return 'opening';
        return this.messages('attestation').length > 0 ? 'published' : undefined;
      case 'published':
        return isNews ? 'published' : undefined;
    }
  }

  #seal(commitments: readonly SignedMessage[]): Phase | undefined {
    const order = (message: SignedMessage) => this.#members.indexOf(siteOf(message));
    this.#commitments = this.lies.seal ? commitments : commitments.toSorted((a, b) => order(a) - order(b));
    this.#setAttempt++;
    if (commitments.length === 0) return undefined;
    this.#logSealed();
    return 'sealed';
  }

  #logSealed(): void {
    const commitments = this.#commitments.map(({ payload }) => commitmentCodec.read(payload));
    this.log.appendSealed({
      ...this.ref,
      ...{ setAttempt: this.#setAttempt, context: commitments[0]!.context, rosterHash: this.rosterHash },
      ...{ setRoot: setRoot(this.#commitments), members: commitments.map(({ site }) => site) },
    });
  }

  /** After complaints about the current set: the same without those who are named. */
  #sealWithoutAccused(): Phase | undefined {
    const root = setRoot(this.#commitments);
    const complaints = this.messages('complaint').map(({ payload }) =>
      complaintCodec.parse(payload, everybody()),
    );
    const accused = complaints
      .filter((complaint) => complaint.setRoot === root)
      .flatMap(({ dealers }) => dealers);
    if (accused.length === 0) return undefined;
    return this.#seal(this.#commitments.filter((message) => !accused.includes(siteOf(message))));
  }

  #addUp(): Phase {
    const contributions = this.#commitments
      .map((message) => this.blob(siteOf(message), 'ciphertext'))
      .filter((bytes) => bytes !== undefined)
      .map((bytes) => new BigUint64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8));
    this.#sum = addModulo(this.lies.addUp?.(contributions) ?? contributions);
    this.#sumRoot = rootOf(this.#sum);
    return 'summed';
  }

  #honestView(): RoundSnapshot {
    const { ref, rosterHash, baseModelHash, phase } = this;
    const announced = { ref, rosterHash, baseModelHash };
    if (phase === 'collecting')
      return { ...announced, phase, committed: this.messages('commitment').map(siteOf), barred: [] };
    const commitments = this.#commitments;
    const set = { setAttempt: this.#setAttempt, root: setRoot(commitments), commitments };
    const sealed = { ...announced, set, acknowledgements: this.messages('acknowledgement') };
    if (phase === 'sealed') return { ...sealed, phase };
    const summed = { ...sealed, sumRoot: this.#sumRoot, checksums: this.#checksums() };
    if (phase === 'summed') return { ...summed, phase, proxiesWanted: [...this.gone] };
    const [openings, attestations] = [this.messages('opening'), this.messages('attestation')];
    return { ...summed, phase, openings, attestations };
  }

  /** Without those of sums that it has taken back. */
  #checksums(): SignedMessage[] {
    const isCurrent = ({ payload }: SignedMessage) =>
      checksumStatementCodec.read(payload).sumRoot === this.#sumRoot;
    return this.messages('checksum').filter(isCurrent);
  }

  #records(kind: 'shares' | 'opening', to: SiteId): SealedRecord[] {
    const place = this.#members.indexOf(to);
    return this.#members.flatMap((site) => {
      const bundle = this.blob(site, kind);
      return bundle ? [{ site, ...recordAt(bundle, place) }] : [];
    });
  }

  #download(source: DownloadSource): Bytes {
    if (source.kind === 'sum') return encodePart(this.lies.deliverSum?.(this.#sum) ?? this.#sum);
    const kind = source.kind === 'checkpoint' ? 'checkpoint' : 'ciphertext';
    const bytes = this.blob(source.site, kind);
    if (bytes === undefined) throw new Refusal('NOT_FOUND', `no ${kind} of ${source.site}`);
    return bytes;
  }

  #attemptKey(): number {
    return this.ref.round * 1000 + this.ref.attempt;
  }

  #place(site: SiteId, kind: UploadKind): string {
    return `${site}/${kind}/${this.#attemptKey()}`;
  }
}

/** The record for the member with this 0-based index, and its proof. */
export function recordAt(bundle: Bytes, place: number): Omit<SealedRecord, 'site'> {
  const records = recordsOf(bundle);
  return { sealed: records[place]!, proof: inclusionProof(records.map(hashLeaf), place) };
}

/** Who a commitment says it is from. */
export function siteOf({ payload }: SignedMessage): SiteId {
  return commitmentCodec.parse(payload, everybody()).site;
}

function addModulo(terms: readonly BigUint64Array[]): BigUint64Array<ArrayBuffer> {
  const sum = new BigUint64Array(terms[0]?.length ?? N);
  for (const term of terms) term.forEach((value, i) => (sum[i] = (sum[i]! + value) % Q));
  return sum;
}

function rootOf(coefficients: BigUint64Array): Digest {
  const hasher = createPartHasher();
  hasher.add(coefficients);
  return hasher.root();
}
