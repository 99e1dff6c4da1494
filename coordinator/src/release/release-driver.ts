// Models from the first vote to the file that everybody may fetch. The order is: T votes are stored, the record is in the log, and
// only then a voter is asked for the file. What a crash interrupts is done again by whoever looks next.
import {
  encodeBase64,
  modelReleaseCodec,
  openSignedMessage,
  Refusal,
  refuseUnless,
  toHex,
  type SignedMessage,
  type SiteId,
} from '@blindsum/proto';
import { verifyEd25519 } from '@blindsum/proto/node';
import { recordName } from '@blindsum/proto/tlog';
import type { JobReader } from '../job-document.ts';
import { KeyedQueue } from '../keyed-queue.ts';
import type { Log } from '../log/sequencer.ts';
import type { BlobStore, Clock, RoundId, RoundStore } from '../ports.ts';
import type { UploadTarget } from '../uploads/upload-target.ts';
import type { Uploads } from '../uploads/uploads.ts';
import { hashUpload, modelUploadOf } from './model-upload.ts';
import { createReleaseRecord, toAgreement, type PublishedRound } from './release-record.ts';
import type { ReleaseStore, StoredRelease } from './release-store.ts';
import {
  ask,
  isAsked,
  NO_VOTES,
  toAvailable,
  toLogged,
  withoutVoter,
  withRefusal,
  withVote,
  type Release,
} from './release.ts';

/** What is told to operators. */
export type ReleaseEvent =
  | { readonly event: 'release.logged'; readonly entry: number }
  | { readonly event: 'release.wrong-file'; readonly site: SiteId }
  | { readonly event: 'release.available'; readonly site: SiteId };

export interface ReleaseWorld {
  readonly releases: ReleaseStore;
  readonly rounds: Pick<RoundStore, 'load'>;
  readonly reader: Pick<JobReader, 'at'>;
  readonly log: Pick<Log, 'append' | 'find' | 'read'>;
  readonly uploads: Pick<Uploads, 'discard'>;
  readonly blobs: Pick<BlobStore, 'size' | 'read'>;
  readonly clock: Clock;
  /** What lies beside the model's file: texts by name. */
  readonly describe: (
    published: PublishedRound,
    model: UploadTarget,
  ) => Promise<Readonly<Record<string, string>>>;
  /** Asks for a timestamp of the log. */
  readonly requestTimestamp: () => void;
  readonly report: (id: RoundId, event: ReleaseEvent) => void;
}

/** Writes that other processes may win before we give up. */
const MAX_CONFLICTS = 100;

export class ReleaseDriver {
  readonly #world: ReleaseWorld;
  /** One thing after another for each round. */
  readonly #queue = new KeyedQueue();

  constructor(world: ReleaseWorld) {
    this.#world = world;
  }

  /**
   * Keeps the vote that `from` sends. Refuses MALFORMED, NOT_A_MEMBER, BAD_SIGNATURE, UNAUTHENTICATED for the vote of another
   * site, WRONG_CONTEXT for one about another job, round or roster, MODEL_MISMATCH for another model, and
   * CONFLICTING_SUBMISSION for another vote of the site.
   */
  vote(published: PublishedRound, from: SiteId, message: SignedMessage): Promise<Release> {
    const { fileDigest } = openVote(published, from, message);
    const { payload, signature } = message;
    const vote = {
      ...{ site: from, fileDigest },
      ...{ payload: encodeBase64(payload), signature: toHex(signature) },
    };
    const { threshold } = published.round.rules;
    return this.#change(published, (release) => withVote(release, vote, threshold));
  }

  /** Keeps that a site is against it, without its vote. Refuses WRONG_PHASE once it is decided. */
  refuse(published: PublishedRound, site: SiteId, reason: string): Promise<Release> {
    return this.#change(published, (release) => withRefusal(release, { site, reason }));
  }

  /** How things stand, for a site that may be asked for the file by looking; undefined if nobody has said anything. */
  async look(published: PublishedRound, site: SiteId): Promise<Release | undefined> {
    const { job, round } = published.id;
    if (!(await this.#world.releases.load(job, round))) return undefined;
    return this.#change(published, (release) => ask(release, site, this.#world.clock.nowMs()));
  }

  /** Where the asked site uploads the file; refuses WRONG_PHASE unless it is asked. */
  async target(published: PublishedRound, site: SiteId): Promise<UploadTarget> {
    const { job, round } = published.id;
    const stored = await this.#world.releases.load(job, round);
    refuseUnless(
      stored !== undefined && isAsked(stored.release, site),
      'WRONG_PHASE',
      `the model of round ${round} is not wanted of ${site}`,
    );
    return modelUploadOf(published, site);
  }

  /**
   * Takes the uploaded file, if it is that of the record; the same again is a retry. Refuses WRONG_PHASE, PART_OUT_OF_ORDER, and
   * MODEL_MISMATCH for another file, which is removed: another voter is asked.
   */
  deliver(published: PublishedRound, site: SiteId): Promise<void> {
    const { job, round } = published.id;
    return this.#queue.run(`${job}/${round} file`, async () => {
      const stored = await this.#world.releases.load(job, round);
      if (stored?.release.state === 'available' && stored.release.from === site) return;
      const target = await this.target(published, site);
      await this.#verify(published, site, target);
      const files = await this.#world.describe(published, target);
      for (const { site: other } of stored!.release.votes)
        if (other !== site) await this.#world.uploads.discard(modelUploadOf(published, other));
      const after = await this.#change(published, (release) => toAvailable(release, site, files));
      refuseUnless(after.state === 'available', 'WRONG_PHASE', `the model is not wanted of ${site} any more`);
      this.#world.report(published.id, { event: 'release.available', site });
    });
  }

  /** Logs what is agreed and not in the log yet; at the start, and again and again. */
  async work(): Promise<void> {
    for (const { id, release } of await this.#world.releases.list())
      if (release.state === 'agreed') await this.#change(await this.#open(id), (before) => before);
  }

  async #verify(published: PublishedRound, site: SiteId, target: UploadTarget): Promise<void> {
    const { id, round } = published;
    const { modelHash, fileDigest } = await hashUpload(this.#world.blobs, target);
    const stored = await this.#world.releases.load(id.job, id.round);
    const { release } = stored!;
    const isSame =
      release.state === 'logged' && modelHash === round.modelHash && fileDigest === release.fileDigest;
    if (isSame) return;
    // First: a voter that is not asked any more could not be told to start again.
    await this.#world.uploads.discard(target);
    await this.#change(published, (before) => withoutVoter(before, site));
    this.#world.report(id, { event: 'release.wrong-file', site });
    throw new Refusal('MODEL_MISMATCH', `the file that ${site} brought is not that of the released model`);
  }

  async #open(id: RoundId): Promise<PublishedRound> {
    const stored = await this.#world.rounds.load(id);
    if (stored?.round.phase !== 'published') throw new Error(`a release of a round that is not published`);
    const { round } = stored;
    return { id, round, document: await this.#world.reader.at(id.job, round.rules.rosterHash) };
  }

  /** Changes what is stored, and settles what that owes to the log. */
  #change(published: PublishedRound, change: (release: Release) => Release): Promise<Release> {
    const { job, round } = published.id;
    return this.#queue.run(`${job}/${round}`, async () => {
      const stored = await this.#write(published.id, change);
      return stored.release.state === 'agreed' ? this.#settle(published, stored.release) : stored.release;
    });
  }

  async #settle(published: PublishedRound, agreed: Extract<Release, { state: 'agreed' }>): Promise<Release> {
    const { log, requestTimestamp, report } = this.#world;
    const record = createReleaseRecord(published, agreed);
    const before = log.find(recordName(record));
    const logged = before ? await log.read(before.record) : record;
    // A coordinator that was restored from a backup may get other votes than those that the log has.
    if (logged.kind !== 'release') throw new Error('the log has another record in the place of a release');
    const { index } = await log.append(logged);
    requestTimestamp();
    const decision = toAgreement(published, logged.predicate);
    const stored = await this.#write(published.id, (release) =>
      release.state === 'agreed' ? toLogged(decision) : release,
    );
    report(published.id, { event: 'release.logged', entry: index });
    return stored.release;
  }

  /** Compare-and-swap until it succeeds; nothing is written if nothing changes. */
  async #write(id: RoundId, change: (release: Release) => Release): Promise<StoredRelease> {
    const { releases } = this.#world;
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts++) {
      const before = await releases.load(id.job, id.round);
      const release = change(before?.release ?? NO_VOTES);
      if (before && release === before.release) return before;
      const after = await releases.replace(id, before, release);
      if (after) return after;
    }
    throw new Error(`release of ${id.job}/${id.round}: ${MAX_CONFLICTS} writes were lost to other processes`);
  }
}

function openVote({ id, document, round }: PublishedRound, from: SiteId, message: SignedMessage) {
  const { manifest, roster, rosterHash } = document;
  const vote = openSignedMessage(modelReleaseCodec, message, roster, verifyEd25519);
  refuseUnless(
    vote.site === from,
    'UNAUTHENTICATED',
    `model-release: ${from} sends a message of ${vote.site}`,
  );
  const isForThis =
    vote.federation === manifest.federation &&
    vote.job === id.job &&
    vote.round === id.round &&
    vote.rosterHash === rosterHash;
  refuseUnless(isForThis, 'WRONG_CONTEXT', 'model-release: it is about another job, round or roster');
  refuseUnless(
    vote.modelHash === round.modelHash,
    'MODEL_MISMATCH',
    'model-release: it is about another model than the round gave',
  );
  return vote;
}
