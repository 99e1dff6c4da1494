import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  parseChainedRoster,
  rosterApprovalCodec,
  signMessage,
  verifyRosterChain,
  type SignedMessage,
  type SiteId,
} from '@blindsum/proto';
import { verifyEd25519 } from '@blindsum/proto/node';
import {
  FAULTS,
  guarded,
  InjectedFault,
  Lifetime,
  WriteFaults,
  type Fault,
} from '../../test/simulation/fault-injection.ts';
import { SimulatedLog } from '../../test/simulation/simulated-log.ts';
import { memberNamed, signerOf } from '../../test/simulation/simulated-world.ts';
import type { RecordLog } from './ports.ts';
import { RosterDriver } from './roster-driver.ts';
import type { ArchiveNames } from './archive-names.ts';
import { createRosterReader } from './roster-reader.ts';
import type { RosterStore } from './roster-store.ts';
import { MemoryRosterStore } from './storage/memory-roster-store.ts';

const [A, B, C, D] = ['site-a', 'site-b', 'site-c', 'site-d'] as [SiteId, SiteId, SiteId, SiteId];
const membersOf = (...sites: SiteId[]) => sites.map(memberNamed);
const once = { replaces: false };

/** A coordinator's rosters, and its log; a fault ends the process, and another one goes on. */
class Rosters {
  readonly store = new MemoryRosterStore();
  readonly log = new SimulatedLog();
  driver!: RosterDriver;
  readonly #faults: WriteFaults;

  constructor(faults = new Map<number, Fault>()) {
    this.#faults = new WriteFaults(faults);
    this.#begin();
  }

  /** Repeats what a caller would repeat. */
  async ask<T>(question: (driver: RosterDriver) => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await question(this.driver);
      } catch (error) {
        if (!(error instanceof InjectedFault)) throw error;
        this.#begin();
      }
    }
  }

  async approve(...sites: SiteId[]): Promise<void> {
    const approvals = await Promise.all(sites.map((site) => this.approvalOf(site)));
    for (const [i, approval] of approvals.entries())
      await this.ask((driver) => driver.approve(sites[i]!, approval));
  }

  async approvalOf(site: SiteId): Promise<SignedMessage> {
    const { proposed } = await this.ask((driver) => driver.chain());
    const { roster, hash } = parseChainedRoster(proposed!.roster);
    const value = { federation: roster.federation, site, version: roster.version, rosterHash: hash };
    return signMessage(rosterApprovalCodec, value, signerOf(site).sign, roster);
  }

  propose(...sites: SiteId[]) {
    return this.ask((driver) => driver.propose('test.example', membersOf(...sites), once));
  }

  get records() {
    return this.log.records.flatMap((record) => (record.kind === 'roster' ? [record.predicate] : []));
  }

  #begin(): void {
    const guard = { lifetime: new Lifetime(), faults: this.#faults };
    this.driver = new RosterDriver({
      rosters: guarded<RosterStore>(this.store, ['replace'], guard),
      rosterReader: createRosterReader(this.store),
      log: guarded<RecordLog>(this.log, ['append'], guard),
      archiveNames: guarded<ArchiveNames>({ write: () => Promise.resolve() }, ['write'], guard),
    });
  }
}

test('whichever write is lost, each version is adopted once, and in the log with the approvals that adopted it', async () => {
  for (const fault of FAULTS)
    for (let nth = 1; nth <= 12; nth++) {
      const rosters = new Rosters(new Map([[nth, fault]]));
      await rosters.propose(A, B, C);
      await rosters.approve(A, B, C);
      await rosters.propose(A, B, C, D);
      await rosters.approve(B, D, C, A);
      const { adopted, proposed } = await rosters.ask((driver) => driver.chain());
      assert.equal(proposed, undefined);
      const links = adopted.map(({ link }) => link);
      assert.deepEqual(verifyRosterChain(undefined, links, verifyEd25519).length, 2, `write ${nth} ${fault}`);
      assert.deepEqual(
        rosters.records.map(({ version, previous, approvals }) => [version, previous, approvals.length]),
        [
          [1, '', 3],
          [2, adopted[0]!.hash, 3],
        ],
      );
    }
});

test('the members of the latest roster are no proposal, and the open one is proposed once', async () => {
  const rosters = new Rosters();
  const first = await rosters.propose(A, B);
  assert.deepEqual(await rosters.propose(A, B), first);
  await rosters.approve(A, B);
  assert.equal(await rosters.propose(A, B), undefined);
  assert.equal((await rosters.propose(A, B, C))?.version, 2);
});

test('an approval of the version before, sent again, adopts nothing', async () => {
  const rosters = new Rosters();
  await rosters.propose(A, B, C);
  const old = await rosters.approvalOf(A);
  await rosters.approve(A, B, C);
  await rosters.propose(A, B, C, D);
  await rosters.approve(D);
  for (const replayed of [old, old]) await rosters.driver.approve(A, replayed);
  const { adopted, proposed } = await rosters.driver.chain();
  assert.equal(adopted.length, 1);
  assert.equal(proposed?.approvals.length, 1);
});

test('a proposal that a site has approved is replaced only where that was said, and its approvals go with it', async () => {
  const rosters = new Rosters();
  const first = await rosters.propose(A, B);
  await rosters.approve(A);
  await assert.rejects(rosters.propose(A, B, C), { code: 'CONFLICTING_SUBMISSION' });
  assert.equal((await rosters.driver.chain()).proposed?.hash, first?.hash);
  const other = await rosters.driver.propose('test.example', membersOf(A, B, C), { replaces: true });
  const { proposed } = await rosters.driver.chain();
  assert.deepEqual([proposed?.hash, proposed?.approvals], [other?.hash, []]);
  assert.notEqual(other?.hash, first?.hash);
});

test('an approval of a proposal that was replaced does not count for the other one', async () => {
  const rosters = new Rosters();
  await rosters.propose(A, B);
  const approvals = [await rosters.approvalOf(A), await rosters.approvalOf(B)];
  await rosters.propose(A, B, C);
  for (const [i, approval] of approvals.entries())
    await assert.rejects(rosters.driver.approve([A, B][i]!, approval), { code: 'WRONG_PHASE' });
  assert.equal((await rosters.driver.chain()).adopted.length, 0);
});
