// Three or four sites with their real sessions, steps, journals and encryption, against a coordinator that may lie. No
// network, no threads, no clock.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createInitialModel,
  globalModelHash,
  manifestHash,
  rosterHash,
  type Digest,
  type GlobalModel,
  type Manifest,
  type RefusalCode,
  type Roster,
  type SiteId,
} from '@blindsum/proto';
import type { RoundMessageType } from '../../participant/src/ports.ts';
import { createTestFederation, createTestManifest, TEST_JOB, type TestSite } from '../fixtures/federation.ts';
import { AttackedSite } from './attacked-site.ts';
import { InThreadEncryptor, type Dishonesty, type OpenedSums } from './in-thread-encryptor.ts';
import { LyingCoordinator, type Lies } from './lying-coordinator.ts';

export interface Plan {
  readonly sites: 3 | 4;
  /** 0 sums statistics in one chunk; 1, the default, trains with two chunks. */
  readonly round?: 0 | 1;
  readonly lies?: Lies;
  /** By 0-based roster index. */
  readonly dishonest?: Readonly<Record<number, Dishonesty>>;
  /** The job's least number of contributors, 3 unless given. */
  readonly minimum?: number;
  /** Each site decrypts for itself. Otherwise sites that hold the same sum and key share the work, to save time. */
  readonly decryptsEverywhere?: boolean;
  /** The model that a site holds before the round, if not the same as the others. */
  readonly modelOf?: (index: number, initial: GlobalModel) => GlobalModel;
}

const NAMES = ['hospital-a', 'hospital-b', 'hospital-c', 'hospital-d'];
const JOB = { rounds: 1, strategy: { ...TEST_JOB.strategy, weighting: 'uniform' } };

export class AttackedFederation {
  readonly manifest: Manifest;
  readonly roster: Roster;
  readonly identities: readonly TestSite[];
  readonly coordinator: LyingCoordinator;
  readonly sites: readonly AttackedSite[];
  readonly #folder = mkdtempSync(join(tmpdir(), 'blindsum-attack-'));

  constructor(plan: Plan) {
    const { sites, roster } = createTestFederation(NAMES.slice(0, plan.sites));
    this.identities = sites;
    this.roster = roster;
    this.manifest = createTestManifest(roster, { ...JOB, contributors: { minimum: plan.minimum ?? 3 } });
    const initial = createInitialModel(this.manifest);
    const ref = { job: this.manifest.job, round: plan.round ?? 1, attempt: 1 };
    const names = sites.map(({ site }) => site);
    this.coordinator = new LyingCoordinator(names, ref, {
      ...{ baseModelHash: globalModelHash(initial), rosterHash: rosterHash(roster) },
    });
    this.coordinator.lies = plan.lies ?? {};
    const terms = {
      manifest: this.manifest,
      manifestHash: manifestHash(this.manifest),
      roster,
      rosterHash: rosterHash(roster),
    };
    const shared: OpenedSums | undefined = plan.decryptsEverywhere ? undefined : new Map();
    this.sites = sites.map((identity, index) => {
      const folder = join(this.#folder, identity.site);
      const site = new AttackedSite(
        { identity, terms, folder, coordinator: this.coordinator },
        new InThreadEncryptor(plan.dishonest?.[index], shared),
      );
      if (ref.round > 0) site.hold(ref.round - 1, plan.modelOf?.(index, initial) ?? initial);
      return site;
    });
  }

  site(index: number): AttackedSite {
    return this.sites[index]!;
  }

  name(index: number): SiteId {
    return this.identities[index]!.site;
  }

  start(): void {
    for (const [index, site] of this.sites.entries()) {
      if (!site.isRunning && !this.coordinator.gone.has(this.name(index))) site.start();
    }
  }

  /** Until all sites have done what they owe, and the coordinator cannot push them further, or it is in `phase`. */
  async run(phase?: LyingCoordinator['phase']): Promise<void> {
    this.start();
    do {
      await this.coordinator.waiting.untilQuiet();
    } while (this.coordinator.phase !== phase && this.coordinator.advance());
  }

  /** Goes back to `phase`, tells other lies from there, and runs on; the sites begin from their journals. */
  async retell(phase: 'collecting' | 'sealed', lies: Lies): Promise<void> {
    for (const site of this.sites) {
      await site.stop();
      site.refusals.length = 0;
    }
    this.coordinator.lies = lies;
    this.coordinator.rewind(phase);
    await this.run();
  }

  /** A site that is gone for good: the others may speak for it. */
  async vanish(index: number): Promise<void> {
    this.coordinator.gone.add(this.name(index));
    await this.site(index).stop();
  }

  async close(): Promise<void> {
    for (const site of this.sites) await site.close();
    rmSync(this.#folder, { recursive: true });
  }

  /** Sites that sent a message of a type, in roster order, each once. */
  senders(type: RoundMessageType): number[] {
    const senders = new Set(
      this.coordinator.heard.filter((heard) => heard.type === type).map(({ site }) => site),
    );
    return this.sites.flatMap((_, index) => (senders.has(this.name(index)) ? [index] : []));
  }

  modelHashes(): (Digest | undefined)[] {
    return this.sites.map((site) => site.outcome(this.coordinator.ref.round)?.modelHash);
  }

  /** Each of these sites refused for this reason only, and no site has bound itself to an opening or sent any of it. */
  assertRefusedBeforeOpening(refusals: Readonly<Record<number, RefusalCode>>): void {
    this.assertRefused(refusals);
    this.assertNothingOpened();
  }

  assertRefused(refusals: Readonly<Record<number, RefusalCode>>): void {
    const actual = this.sites.flatMap((site, index) =>
      site.refusals.length > 0 ? [[index, [...new Set(site.refusals.map(({ code }) => code))].join()]] : [],
    );
    const details = this.sites.flatMap((site) => site.refusals.map(({ message }) => message)).join('\n');
    assert.deepEqual(Object.fromEntries(actual), refusals, details);
  }

  assertNothingOpened(): void {
    const { coordinator } = this;
    assert.deepEqual(this.senders('opening'), [], 'an opening was sent');
    for (const [index, site] of this.sites.entries()) {
      assert.equal(coordinator.blob(this.name(index), 'opening'), undefined, 'share sums were uploaded');
      assert.equal(site.opening(coordinator.ref.round), undefined, 'a site bound itself to an opening');
    }
  }
}

/** Gives a test a federation, and closes it whatever happens. */
export async function withFederation(
  plan: Plan,
  test: (federation: AttackedFederation) => Promise<void>,
): Promise<void> {
  const federation = new AttackedFederation(plan);
  try {
    await test(federation);
  } finally {
    await federation.close();
  }
}

/** One refusal for each of `sites` sites. */
export function everyone(sites: number, code: RefusalCode): Record<number, RefusalCode> {
  return Object.fromEntries(Array.from({ length: sites }, (_, index) => [index, code]));
}
