// The invariants of PROTOCOL.md over a whole federation: what the coordinator stores, logs and shows, and what the sites' journals
// and the opened sums say. What leaves a site is checked by site-witness.ts, message by message.
import assert from 'node:assert/strict';
import {
  CHUNK_BYTES,
  openSignedMessage,
  refuseUnless,
  type Digest,
  type MessageCodec,
  type SiteId,
} from '@blindsum/proto';
import { verifyEd25519 } from '@blindsum/proto/node';
import type { StoredMessage, StoredRound } from '../../coordinator/src/ports.ts';
import type { Published } from '../../coordinator/src/round/round.ts';
import { checkInvariants, checkPrivacy } from '../simulation/invariants.ts';
import type { Watched } from '../simulation/watched.ts';
import { CODECS } from '../simulation/signed-messages.ts';
import { checkLogAudit } from './log-audit.ts';
import { LogInvariants } from './log-invariants.ts';
import { decodeSum } from './plain-ciphertext.ts';
import { readCiphertext, sumNameOf } from './plain-sums.ts';
import type { SimulatedFederation } from './simulated-federation.ts';

export class FederationInvariants {
  readonly #federation: SimulatedFederation;
  readonly #watched: Watched;
  readonly #log: LogInvariants;
  /** What each journal first said. */
  readonly #facts = new Map<string, string>();
  #opened = 0;

  constructor(federation: SimulatedFederation) {
    this.#federation = federation;
    this.#watched = toWatched(federation);
    this.#log = new LogInvariants(federation);
  }

  /** Whatever holds at any instant. */
  async check(): Promise<void> {
    await checkInvariants(this.#watched);
    this.#checkJournals();
    this.#log.check();
    this.#checkOpenedSums();
  }

  /** The same, if the writes since the last look can have changed the answer. */
  async checkSince(writes: readonly string[]): Promise<void> {
    if (writes.some((write) => write.startsWith('coordinator'))) await checkInvariants(this.#watched);
    if (writes.some((write) => write.includes(': journal'))) {
      this.#checkJournals();
      this.#log.check();
    }
    this.#checkOpenedSums();
  }

  /** And what holds once a job has ended. */
  async checkEnd(): Promise<void> {
    await this.check();
    checkPrivacy(this.#watched);
    checkLogAudit(this.#federation.coordinator.log);
    const messages = [...this.#watched.seen.values()].flatMap((attempt) => attempt.messages);
    if (messages.some(({ site, subject }) => site !== subject))
      this.#federation.reached.add('checksum signed by a proxy');
    const { rounds, job } = this.#federation.coordinator;
    for (const stored of await rounds.list(job)) {
      assert.deepEqual(stored.owed, [], 'something is owed for ever');
      const { roster } = await this.#watched.documentUnder(stored.round.rules.rosterHash);
      this.#federation.members.note(stored, roster.version);
    }
  }

  /** 3, 6 and 11: a journal never takes anything back, and no two journals contradict each other. */
  #checkJournals(): void {
    const { sites, identities, coordinator, plan } = this.#federation;
    const { rounds, threshold } = identities.manifest;
    for (let round = 0; round <= rounds + 1; round++) {
      const openers = new Map<Digest, number>();
      for (const { journal, identity } of sites) {
        const opening = journal.opening(coordinator.job, round);
        const outcome = journal.outcome(coordinator.job, round);
        if (opening) {
          openers.set(opening.setRoot, (openers.get(opening.setRoot) ?? 0) + 1);
          this.#keep(`opening of ${identity.site} in ${round}`, `${opening.attempt} ${opening.setRoot}`);
        }
        const isHonest = plan.mischief?.every(
          ({ site, what }) => site !== identity.index || what !== 'misreads the sum',
        );
        if (outcome && isHonest !== false)
          this.#keep(`outcome of ${round}`, `${outcome.setRoot} ${outcome.modelHash}`);
      }
      const opened = [...openers.values()].filter((count) => count >= threshold);
      assert.ok(opened.length <= 1, `invariant 11: two sets of round ${round} can be opened`);
    }
  }

  #keep(fact: string, value: string): void {
    const first = this.#facts.get(fact) ?? value;
    this.#facts.set(fact, first);
    assert.equal(value, first, `the ${fact} is another one`);
  }

  /** 4: in an opened sum, each site of the set is there once. */
  #checkOpenedSums(): void {
    const { opened, identities } = this.#federation;
    for (; this.#opened < opened.length; this.#opened++) {
      const { sum, contributors } = opened[this.#opened]!;
      assert.ok(
        sum.counts.every((count) => count === 0 || count === 1),
        'invariant 4: a site is there twice',
      );
      assert.equal(sum.counts.filter((count) => count === 1).length, contributors, 'invariant 4');
      assert.ok(contributors >= identities.manifest.contributors.minimum, 'invariant 2');
    }
  }
}

function toWatched(federation: SimulatedFederation): Watched {
  const { coordinator, identities } = federation;
  const { job, rounds, log, blobs } = coordinator;
  return {
    job,
    rounds,
    log,
    everyone: identities.sites.map(({ site }) => site),
    documentUnder: (rosterHash) => coordinator.documentUnder(rosterHash),
    seen: new Map(),
    verify({ type, site, message }: StoredMessage, context: Digest) {
      const codec: MessageCodec<{ context: Digest; site: SiteId }> = CODECS[type];
      const value = openSignedMessage(codec, message, identities.everyone, verifyEd25519);
      refuseUnless(value.site === site && value.context === context, 'WRONG_CONTEXT', 'not of this round');
    },
    async summands({ id }: StoredRound, { set, rules }: Published) {
      const name = sumNameOf(id, set.root);
      const size = await blobs.size(name);
      const sum = await readCiphertext(blobs, name, { chunks: size / CHUNK_BYTES });
      const { members } = (await coordinator.documentUnder(rules.rosterHash)).roster;
      const { counts } = decodeSum(sum, members.length);
      return members.flatMap(({ site }, i) => Array.from<SiteId>({ length: counts[i]! }).fill(site));
    },
  };
}
