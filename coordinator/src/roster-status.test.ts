import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { parseChainedRoster, rosterApprovalCodec, signMessage, type SiteId } from '@blindsum/proto';
import { SimulatedLog } from '../../test/simulation/simulated-log.ts';
import { memberNamed, signerOf } from '../../test/simulation/simulated-world.ts';
import { RosterDriver } from './roster-driver.ts';
import { createRosterReader } from './roster-reader.ts';
import { rosterStatus } from './roster-status.ts';
import { MemoryRosterStore } from './storage/memory-roster-store.ts';

const [A, B, C] = ['site-a', 'site-b', 'site-c'] as [SiteId, SiteId, SiteId];

let driver: RosterDriver;

beforeEach(() => {
  const rosters = new MemoryRosterStore();
  const rosterReader = createRosterReader(rosters);
  driver = new RosterDriver({
    ...{ rosters, rosterReader, log: new SimulatedLog() },
    archiveNames: { write: async () => {} },
  });
});

/** As it is shown, once it is what is shown of copies, of which nothing can be known yet. */
async function shown() {
  const chain = await driver.chain();
  const status = rosterStatus(chain);
  assert.deepEqual(status, rosterStatus(structuredClone(chain)));
  return status;
}

async function propose(...sites: SiteId[]): Promise<void> {
  await driver.propose('test.example', sites.map(memberNamed), { replaces: true });
}

async function approve(...sites: SiteId[]): Promise<void> {
  const { roster, hash } = parseChainedRoster((await driver.chain()).proposed!.roster);
  for (const site of sites) {
    const value = { federation: roster.federation, site, version: roster.version, rosterHash: hash };
    await driver.approve(site, signMessage(rosterApprovalCodec, value, signerOf(site).sign, roster));
  }
}

test('each answer to a proposal, another one in its place and its adoption are shown at once', async () => {
  await propose(A, B);
  assert.deepEqual((await shown()).proposed?.missing.owners, [A, B]);
  await approve(A);
  assert.deepEqual((await shown()).proposed?.approvedBy, [A]);
  const { hash, version } = (await driver.chain()).proposed!;
  await driver.refuse(B, { hash, version }, 'not yet');
  assert.deepEqual((await shown()).proposed?.refusedBy, [{ site: B, reason: 'not yet' }]);
  await propose(A, B, C);
  assert.equal((await shown()).proposed?.joins.length, 3);
  await approve(A, B, C);
  const { adopted, proposed } = await shown();
  assert.deepEqual(
    [adopted?.version, adopted?.members.map(({ site }) => site), proposed],
    [1, [A, B, C], null],
  );
});

test('a proposal is compared with the roster before it, and the roster after it is another one', async () => {
  await propose(A, B);
  await approve(A, B);
  await shown();
  await propose(A, B, C);
  const { adopted, proposed } = await shown();
  assert.deepEqual([adopted?.version, proposed?.joins.map(({ site }) => site)], [1, [C]]);
  await approve(A, B, C);
  assert.deepEqual((await shown()).adopted?.members.length, 3);
});

test('a proposal that is the same is described anew if what it follows is not', async () => {
  await propose(A, B);
  await approve(A, B);
  await propose(A, B, C);
  const { adopted, proposed } = await driver.chain();
  assert.equal(rosterStatus({ adopted, proposed }).proposed?.joins.length, 1);
  assert.equal(rosterStatus({ adopted: [], proposed }).proposed?.joins.length, 3);
});

test('what was shown is kept for as long as nothing is changed', async () => {
  await propose(A, B);
  await approve(A, B);
  await propose(A, B, C);
  const [first, again] = [await shown(), await shown()];
  assert.equal(first.adopted, again.adopted);
  assert.equal(first.proposed, again.proposed);
});
