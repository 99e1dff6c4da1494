// An honest coordinator in memory, for tests of sessions: it waits for every site in every phase. A test may bend what it
// shows and what it adds up.
import { readFile, writeFile } from 'node:fs/promises';
import {
  CHUNK_BYTES,
  PART_BYTES,
  Q,
  Refusal,
  SEALED_SHARE_BYTES,
  messageLeaf,
  rosterHash,
  setRootOfLeaves,
  toHex,
  type Digest,
  type Manifest,
  type Roster,
  type SignedMessage,
  type SiteId,
} from '@blindsum/proto';
import { hashLeaf } from '@blindsum/proto/node';
import { inclusionProof, merkleRoot } from '@blindsum/proto/tlog';
import { UNSEEN_PROMISE } from '../../test/fixtures/believed-log.ts';
import { documentsOf } from '../../test/fixtures/federation.ts';
import type { Coordinator, RoundMessageType, SealedRecord, Transfers, UploadKind } from './ports.ts';
import type { JobSnapshot, RoundReference, RoundSnapshot } from './session/round-snapshot.ts';

/** What a dishonest coordinator does differently. */
export interface Mischief {
  /** Whose ciphertexts are added up, in order; all of them once unless given. */
  readonly summands?: (members: readonly SiteId[]) => readonly SiteId[];
  /** The hash of the base model that a site is shown. */
  readonly baseModelHash?: (site: SiteId, hash: Digest) => Digest;
  /** Called before a site is answered; may throw. */
  readonly beforeWatch?: (site: SiteId) => void;
}

type Messages = Map<SiteId, SignedMessage>;
const MESSAGE_TYPES = ['commitment', 'acknowledgement', 'checksum', 'opening', 'attestation'] as const;

export class InMemoryCoordinator {
  readonly #manifest: Manifest;
  readonly #roster: Roster;
  readonly #mischief: Mischief;
  readonly #consents = new Set<SiteId>();
  #blobs = new Map<string, Buffer>();
  #messages = new Map<RoundMessageType, Messages>();
  #version = 1n;
  #round = -1;
  #base: Digest;
  #phase: RoundSnapshot['phase'] = 'collecting';
  #failure: string | undefined;
  #changed = Promise.withResolvers<void>();
  /** Model hashes by round, as attested. */
  readonly published: Digest[] = [];
  /** Withdrawals that arrived; this coordinator does nothing about them. */
  readonly withdrawals = new Map<SiteId, SignedMessage>();
  /** Complaints that arrived. */
  readonly complaints: SiteId[] = [];

  constructor(manifest: Manifest, roster: Roster, mischief: Mischief = {}) {
    this.#manifest = manifest;
    this.#roster = roster;
    this.#mischief = mischief;
    this.#base = manifest.model.initialHash;
  }

  /** The two ports of one site. */
  connect(site: SiteId): { readonly coordinator: Coordinator; readonly transfers: Transfers } {
    return { coordinator: this.#coordinatorFor(site), transfers: this.#transfersFor(site) };
  }

  /** Ends the job as failed. */
  fail(reason: string): void {
    this.#failure = reason;
    this.#announce();
  }

  #coordinatorFor(site: SiteId): Coordinator {
    return {
      listJobs: async () => [{ job: this.#manifest.job, state: 'running' }],
      job: async () => documentsOf(this.#manifest, this.#roster),
      watch: async (_, knownVersion) => {
        this.#mischief.beforeWatch?.(site);
        while (this.#version === knownVersion) await this.#changed.promise;
        return this.#view(site);
      },
      sendConsent: async () => {
        this.#consents.add(site);
        if (this.#round < 0 && this.#consents.size === this.#sites.length) this.#begin(0);
      },
      sendWithdrawal: async (_, withdrawal) => void this.withdrawals.set(site, withdrawal),
      send: async (type, ref, message) => this.#receive(site, type, { ref, message }),
      commit: async (ref, message) => {
        this.#receive(site, 'commitment', { ref, message });
        return UNSEEN_PROMISE;
      },
      heartbeat: async () => ({ intervalMs: 60_000 }),
    };
  }

  #transfersFor(site: SiteId): Transfers {
    return {
      upload: async (_, kind, path) => {
        const bytes = await readFile(path);
        this.#blobs.set(`${kind} ${site}`, bytes);
        return bytes.length;
      },
      download: async (_, source, { path }) => {
        const name = source.kind === 'sum' ? 'sum' : `ciphertext ${source.site}`;
        await writeFile(path, this.#blobs.get(name)!);
      },
      records: async (_, kind) => {
        const index = this.#sites.indexOf(site);
        const stored: UploadKind = kind === 'shares' ? 'shares' : 'opening';
        return this.#sites.map((sender) => this.#record(stored, sender, index));
      },
    };
  }

  get #sites(): SiteId[] {
    return this.#roster.members.map((member) => member.site);
  }

  #record(kind: UploadKind, sender: SiteId, index: number): SealedRecord {
    const bundle = this.#blobs.get(`${kind} ${sender}`)!;
    const records = this.#sites.map((_, i) =>
      bundle.subarray(i * SEALED_SHARE_BYTES, (i + 1) * SEALED_SHARE_BYTES),
    );
    return { site: sender, sealed: records[index]!, proof: inclusionProof(records.map(hashLeaf), index) };
  }

  #receive(
    site: SiteId,
    type: RoundMessageType,
    sent: { ref: RoundReference; message: SignedMessage },
  ): void {
    if (sent.ref.round !== this.#round) throw new Refusal('WRONG_PHASE', 'another round');
    if (type === 'complaint') {
      this.complaints.push(site);
      return this.fail(`${site} complains`);
    }
    const messages = this.#messages.get(type)!;
    messages.set(site, sent.message);
    if (messages.size === this.#sites.length) this.#advance(type);
    this.#announce();
  }

  #advance(type: RoundMessageType): void {
    switch (type) {
      case 'commitment':
        this.#phase = 'sealed';
        return;
      case 'acknowledgement':
        this.#sum();
        this.#phase = 'summed';
        return;
      case 'checksum':
        this.#phase = 'opening';
        return;
      case 'attestation':
        return this.#publish();
      case 'opening':
      case 'complaint':
      case 'checkpoint':
      case 'checkpoint-complaint':
        return;
    }
  }

  #publish(): void {
    const [attestation] = this.#messages.get('attestation')!.values();
    const { modelHash } = JSON.parse(Buffer.from(attestation!.payload).toString()) as { modelHash: Digest };
    this.published.push(modelHash);
    this.#base = modelHash;
    if (this.#round > this.#manifest.rounds) this.#phase = 'published';
    else this.#begin(this.#round + 1);
  }

  #begin(round: number): void {
    this.#round = round;
    this.#phase = 'collecting';
    this.#messages = new Map();
    for (const type of MESSAGE_TYPES) this.#messages.set(type, new Map());
    this.#blobs = new Map();
    this.#announce();
  }

  #sum(): void {
    const summands = this.#mischief.summands?.(this.#sites) ?? this.#sites;
    const parts = summands.map((site) => toCoefficients(this.#blobs.get(`ciphertext ${site}`)!));
    const sum = parts[0]!.map((_, i) => parts.reduce((total, part) => (total + part[i]!) % Q, 0n));
    this.#blobs.set('sum', Buffer.from(sum.buffer));
  }

  #announce(): void {
    this.#version++;
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  #view(site: SiteId): JobSnapshot {
    const version = this.#version;
    if (this.#failure !== undefined) return { version, state: 'failed', failure: this.#failure };
    if (this.#round < 0) return { version, state: 'joining' };
    const round = this.#roundView(site);
    return round.phase === 'published'
      ? { version, state: 'finished', round }
      : { version, state: 'running', round };
  }

  #roundView(site: SiteId): RoundSnapshot {
    const ref = { job: this.#manifest.job, round: this.#round, attempt: 1 };
    const shown = this.#mischief.baseModelHash?.(site, this.#base) ?? this.#base;
    // A published round is shown with the model that it started from, not with the one it gave.
    const hashOfRoster = rosterHash(this.#roster);
    const announced = {
      ref,
      rosterHash: hashOfRoster,
      baseModelHash: this.#phase === 'published' ? this.published.at(-2)! : shown,
    };
    const messages = (type: RoundMessageType) => this.#inOrder(type);
    if (this.#phase === 'collecting') {
      const committed = [...this.#messages.get('commitment')!.keys()];
      return { ...announced, phase: 'collecting', committed, barred: [] };
    }
    const commitments = messages('commitment');
    const root = setRootOfLeaves(commitments.map(messageLeaf));
    const set = { setAttempt: 1, root, commitments };
    const sealed = { ...announced, set, acknowledgements: messages('acknowledgement') };
    if (this.#phase === 'sealed') return { ...sealed, phase: 'sealed' };
    const sumRoot = rootOfParts(this.#blobs.get('sum')!);
    const summed = { ...sealed, sumRoot, checksums: messages('checksum') };
    if (this.#phase === 'summed') return { ...summed, phase: 'summed', proxiesWanted: [] };
    const isComplete = messages('opening').length === this.#sites.length;
    const openings = isComplete ? messages('opening') : [];
    const opened = { ...summed, openings, attestations: messages('attestation') };
    return this.#phase === 'opening' ? { ...opened, phase: 'opening' } : { ...opened, phase: 'published' };
  }

  #inOrder(type: RoundMessageType): SignedMessage[] {
    const messages = this.#messages.get(type)!;
    return this.#sites.flatMap((site) => messages.get(site) ?? []);
  }
}

function toCoefficients(bytes: Buffer): BigUint64Array {
  if (bytes.length % CHUNK_BYTES !== 0) throw new Error('a ciphertext is whole chunks');
  return new BigUint64Array(new Uint8Array(bytes).buffer);
}

function rootOfParts(bytes: Buffer): Digest {
  const parts = Array.from({ length: Math.ceil(bytes.length / PART_BYTES) }, (_, i) =>
    bytes.subarray(i * PART_BYTES, (i + 1) * PART_BYTES),
  );
  return toHex(merkleRoot(parts.map(hashLeaf))) as Digest;
}
