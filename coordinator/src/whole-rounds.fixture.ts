// Whole rounds over the wire, by sites that encrypt nothing: what they upload is random, and every signature and checksum is right.
// To the coordinator and to auditors their rounds are like any other.
import { randomBytes } from 'node:crypto';
import {
  acknowledgementCodec,
  attestationCodec,
  checksumKeys,
  checksumStatementCodec,
  commitmentCodec,
  consentCodec,
  createChecksum,
  createPlainKernel,
  encodeChecksumValue,
  encodePart,
  manifestHash,
  N,
  openingCodec,
  parseManifest,
  parseRoster,
  payloadLayout,
  rosterHash,
  roundContext,
  roundKind,
  SEALED_SHARE_BYTES,
  sha256,
  toDigestBytes,
  toHex,
  utf8,
  type Bytes,
  type Digest,
  type JobId,
  type Manifest,
  type Roster,
} from '@blindsum/proto';
import { hashLeaf, nodeKeyStream } from '@blindsum/proto/node';
import { BlobKind, JobService, RoundPhase, RoundService, UploadService } from '@blindsum/proto/rpc';
import { merkleRoot } from '@blindsum/proto/tlog';
import { adoptRoster } from './adoption.fixture.ts';
import {
  admitTestSite,
  randomResidues,
  TEST_JOB,
  type TestCoordinator,
  type TestSite,
} from './federation.fixture.ts';
import { submitTestJob } from './submitted-job.fixture.ts';

const root = (leaves: readonly Bytes[]) => toHex(merkleRoot(leaves.map(hashLeaf))) as Digest;

/** Three sites that have consented to a job of `rounds` training rounds. */
export class TestJob {
  readonly job: JobId;
  sites: readonly TestSite[];
  readonly #manifest: Manifest;
  readonly #hashes: { readonly manifestHash: Digest; readonly rosterHash: Digest };
  /** Of the roster: those that were admitted before, and take no part, among them. */
  readonly #members: number;

  private constructor(sites: readonly TestSite[], manifest: Manifest, roster: Roster) {
    this.job = manifest.job;
    this.sites = sites;
    this.#manifest = manifest;
    this.#hashes = { manifestHash: manifestHash(manifest), rosterHash: rosterHash(roster) };
    this.#members = roster.members.length;
  }

  /** By sites that are admitted for it, or are already. */
  static async start(
    coordinator: TestCoordinator,
    terms: object = {},
    admitted: readonly TestSite[] = [],
  ): Promise<TestJob> {
    const sites = [...admitted];
    if (sites.length === 0)
      for (const name of ['hospital-a', 'hospital-b', 'hospital-c'])
        sites.push(await admitTestSite(coordinator, name));
    await adoptRoster(coordinator, sites);
    await submitTestJob(coordinator.admin, terms);
    const { job: name } = { ...TEST_JOB, ...terms };
    const documents = await sites[0]!.call(JobService, 'getJob', { job: name });
    const job = new TestJob(sites, parseManifest(documents.manifest), parseRoster(documents.roster));
    for (const site of sites) await job.consent(site);
    return job;
  }

  async consent(site: TestSite): Promise<void> {
    const { federation } = this.#manifest;
    const value = { federation, job: this.job, site: site.site, ...this.#hashes };
    await site.call(JobService, 'consent', { job: this.job, consent: site.sign(consentCodec, value) });
  }

  /** The round that the job is at, to be played. */
  async current(attempt = 1): Promise<TestRound> {
    const { round } = await this.sites[0]!.call(RoundService, 'watchRound', { job: this.job });
    const number = round!.ref!.round;
    const ref = { job: this.job, round: number, attempt };
    const baseModelHash = toHex(round!.baseModelHash) as Digest;
    const { federation, rounds } = this.#manifest;
    const context = roundContext({ federation, ...ref, baseModelHash, ...this.#hashes });
    const { chunks } = payloadLayout(this.#manifest, roundKind(number, rounds));
    return new TestRound(this.sites, { ref, context, chunks, members: this.#members });
  }

  /** Plays `count` rounds to their end. */
  async play(count: number): Promise<void> {
    for (let i = 0; i < count; i++) await (await this.current()).play();
  }

  /** The same sites, at another coordinator of the federation. */
  moveTo({ running }: TestCoordinator): void {
    this.close();
    this.sites = this.sites.map((site) => site.at(running.advertise));
  }

  close(): void {
    for (const site of this.sites) site.close();
  }
}

interface Terms {
  readonly ref: { readonly job: JobId; readonly round: number; readonly attempt: number };
  readonly context: Digest;
  readonly chunks: number;
  readonly members: number;
}

interface Given {
  readonly residues: BigUint64Array;
  readonly ciphertext: Bytes;
  readonly shares: Bytes;
  readonly openings: Bytes;
}

/** One round. Every step may be repeated, and sends the same again. */
export class TestRound {
  readonly terms: Terms;
  readonly #sites: readonly TestSite[];
  readonly #given = new Map<TestSite, Given>();
  /** Of the sum that is opened. */
  #opened: { readonly setRoot: Digest; readonly sumRoot: Digest } | undefined;

  constructor(sites: readonly TestSite[], terms: Terms) {
    this.terms = terms;
    this.#sites = sites;
    for (const site of sites) {
      const residues = randomResidues(terms.chunks * N);
      const [shares, openings] = [this.#randomRecords(), this.#randomRecords()];
      this.#given.set(site, { residues, ciphertext: encodePart(residues), shares, openings });
    }
  }

  async play(modelHash?: Digest): Promise<void> {
    for (const site of this.#sites) await this.contribute(site);
    await this.finish(modelHash);
  }

  /** The same round with the same content, by the same sites at another coordinator. */
  at(sites: readonly TestSite[]): TestRound {
    const moved = new TestRound(sites, this.terms);
    sites.forEach((site, i) => moved.#given.set(site, this.#given.get(this.#sites[i]!)!));
    return moved;
  }

  /** What follows when all have contributed; they attest that model, or one that nobody has. */
  async finish(modelHash?: Digest): Promise<void> {
    for (const site of this.#sites) await this.acknowledge(site);
    for (const site of this.#sites) await this.confirm(site);
    for (const site of this.#sites) await this.open(site);
    for (const site of this.#sites) await this.attest(site, modelHash);
  }

  async contribute(site: TestSite): Promise<void> {
    await this.upload(site);
    await this.commit(site);
  }

  /** Sends what is missing of ciphertext and shares. */
  async upload(site: TestSite): Promise<void> {
    const { ciphertext, shares } = this.#given.get(site)!;
    await this.#send(site, BlobKind.CIPHERTEXT, ciphertext);
    await this.#send(site, BlobKind.SHARES, shares);
  }

  async commit(site: TestSite): Promise<void> {
    const { ref, context, chunks } = this.terms;
    const roots = this.rootsOf(site);
    const commitment = site.sign(commitmentCodec, { context, site: site.site, chunks, ...roots });
    await site.call(RoundService, 'commit', { ref, commitment });
  }

  /** What a site signs for when it commits. */
  rootsOf(site: TestSite): { readonly ciphertextRoot: Digest; readonly shareRoot: Digest } {
    const { ciphertext, shares } = this.#given.get(site)!;
    return { ciphertextRoot: root([ciphertext]), shareRoot: root(this.#records(shares)) };
  }

  async acknowledge(site: TestSite): Promise<void> {
    const { ref, context } = this.terms;
    const { set } = await this.until(RoundPhase.SEALED);
    const value = {
      context,
      site: site.site,
      setAttempt: set!.setAttempt,
      setRoot: toHex(set!.root) as Digest,
    };
    await site.call(RoundService, 'acknowledge', {
      ref,
      acknowledgement: site.sign(acknowledgementCodec, value),
    });
  }

  /** Signs the checksum of the site's own ciphertext. */
  async confirm(site: TestSite): Promise<void> {
    const { ref, context } = this.terms;
    const { setRoot, sumRoot } = await this.#roots(RoundPhase.SUMMED);
    const digests = [context, setRoot, sumRoot].map(toDigestBytes) as [Bytes, Bytes, Bytes];
    const keys = checksumKeys({ context: digests[0], setRoot: digests[1], sumRoot: digests[2] });
    const kernel = createPlainKernel();
    const chunk = kernel.allocate(N);
    const checksum = createChecksum(kernel, nodeKeyStream, keys);
    const { residues } = this.#given.get(site)!;
    for (let index = 0; index * N < residues.length; index++) {
      chunk.set(residues.subarray(index * N, (index + 1) * N));
      checksum.addChunk(index, chunk);
    }
    const values = checksum.values().map(encodeChecksumValue) as [string, string];
    const own = { site: site.site, subject: site.site };
    const signed = site.sign(checksumStatementCodec, { context, ...own, setRoot, sumRoot, values });
    await site.call(RoundService, 'submitChecksum', { ref, checksum: signed });
  }

  async open(site: TestSite): Promise<void> {
    const { ref, context } = this.terms;
    const roots = await this.#openedRoots();
    const { openings } = this.#given.get(site)!;
    await this.#send(site, BlobKind.OPENING, openings);
    const value = { context, site: site.site, ...roots, openingRoot: root(this.#records(openings)) };
    await site.call(RoundService, 'open', { ref, opening: site.sign(openingCodec, value) });
  }

  /** Attests a model that nobody has, unless the hash of another one is given. */
  async attest(site: TestSite, given?: Digest): Promise<void> {
    const { ref, context } = this.terms;
    const roots = await this.#openedRoots();
    const modelHash = given ?? (toHex(sha256(utf8(`model of ${JSON.stringify(ref)}`))) as Digest);
    const value = { context, site: site.site, ...roots, modelHash, metrics: {} };
    await site.call(RoundService, 'attest', { ref, attestation: site.sign(attestationCodec, value) });
  }

  async #send(site: TestSite, kind: BlobKind, bytes: Bytes): Promise<void> {
    const { ref } = this.terms;
    const { committedOffset } = await site.call(UploadService, 'getUploadStatus', { ref, kind });
    const offset = Number(committedOffset);
    if (offset < bytes.length)
      await site.upload({ ref, kind, size: bytes.length, offset }, [bytes.subarray(offset)]);
  }

  async #roots(phase: RoundPhase): Promise<{ setRoot: Digest; sumRoot: Digest }> {
    const { set, sumRoot } = await this.until(phase);
    return { setRoot: toHex(set!.root) as Digest, sumRoot: toHex(sumRoot) as Digest };
  }

  /** Who attests again after a lost answer finds the job at its next round, which does not say them any more. */
  async #openedRoots() {
    this.#opened ??= await this.#roots(RoundPhase.OPENING);
    return this.#opened;
  }

  /** The round in this phase, or a later one; throws an Error when the job has left the round. */
  async until(phase: RoundPhase) {
    const [site] = this.#sites;
    const { job, round } = this.terms.ref;
    for (let at = await site!.call(RoundService, 'watchRound', { job }); ;) {
      if (at.round!.ref!.round !== round) throw new Error(`round ${round} of ${job} is over`);
      if (at.round!.phase >= phase) return at.round!;
      const request = { job, knownVersion: at.version, waitMs: 4000 };
      at = await site!.call(RoundService, 'watchRound', request);
    }
  }

  #randomRecords(): Bytes {
    return new Uint8Array(randomBytes(this.terms.members * SEALED_SHARE_BYTES));
  }

  #records(bytes: Bytes): Bytes[] {
    return Array.from({ length: this.terms.members }, (_, i) =>
      bytes.subarray(i * SEALED_SHARE_BYTES, (i + 1) * SEALED_SHARE_BYTES),
    );
  }
}
