import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  encodeRoster,
  parseChainedRoster,
  rosterApprovalCodec,
  toDigestBytes,
  verifyRosterChain,
} from '@blindsum/proto';
import { verifyEd25519 } from '@blindsum/proto/node';
import { RosterService } from '@blindsum/proto/rpc';
import { answerOf } from '@blindsum/admin-client';
import { adoptRoster, approvalOf, approveProposal, proposalFor } from '../adoption.fixture.ts';
import {
  admitTestSite,
  refusedAs,
  startTestCoordinator,
  type TestCoordinator,
  type TestSite,
} from '../federation.fixture.ts';

let coordinator: TestCoordinator;
const sites: TestSite[] = [];
let outsider: TestSite;

const propose = (body = { replace: false }) => coordinator.admin.POST('/v1/roster', { body });
const chainFor = (site: TestSite, fromVersion = 1) =>
  site.call(RosterService, 'getRosterChain', { fromVersion });
const approve = (site: TestSite, approval: ReturnType<typeof approvalOf>) =>
  site.call(RosterService, 'approveRoster', { approval });

before(async () => {
  coordinator = await startTestCoordinator();
  for (const name of ['hospital-a', 'hospital-b', 'hospital-c'])
    sites.push(await admitTestSite(coordinator, name));
});

after(async () => {
  for (const site of [...sites, outsider]) site.close();
  await coordinator.remove();
  assert.deepEqual(coordinator.crashes, []);
});

test('a proposal is adopted by the last approval, and never twice', async () => {
  await propose();
  const [a, b, c] = sites as [TestSite, TestSite, TestSite];
  const proposed = (await proposalFor(a))!;
  for (const site of [a, a, b]) await approve(site, approvalOf(site, proposed));
  assert.deepEqual((await chainFor(a)).links, []);
  await approve(c, approvalOf(c, proposed));
  await approve(c, approvalOf(c, proposed));
  const { links, more, proposal } = await chainFor(a);
  assert.deepEqual([links.length, more, proposal], [1, false, undefined]);
  assert.deepEqual(
    verifyRosterChain(undefined, links, verifyEd25519).map(({ hash }) => hash),
    [proposed.hash],
  );
});

test('a site that is admitted later sees the proposal that it is to approve', async () => {
  outsider = await admitTestSite(coordinator, 'hospital-d');
  assert.equal((await chainFor(outsider)).links.length, 1);
  await propose();
  const { links, proposal } = await chainFor(outsider, 2);
  assert.deepEqual(links, []);
  assert.equal(parseChainedRoster(proposal!.roster).roster.members.at(-1)!.site, 'hospital-d');
});

test('an approval by another site, with another key, of another roster or of no proposal is refused', async () => {
  const [a, b] = sites as [TestSite, TestSite];
  const proposed = (await proposalFor(a))!;
  const { federation, version } = proposed.roster;
  const value = { federation, version, site: a.site, rosterHash: proposed.hash };
  await assert.rejects(approve(b, approvalOf(a, proposed)), refusedAs('UNAUTHENTICATED'));
  const { payload } = approvalOf(a, proposed);
  await assert.rejects(approve(a, b.signAgain(rosterApprovalCodec, payload)), refusedAs('BAD_SIGNATURE'));
  const elsewhere = a.sign(rosterApprovalCodec, { ...value, federation: 'other.example' });
  await assert.rejects(approve(a, elsewhere), refusedAs('WRONG_CONTEXT'));
  const other = parseChainedRoster(
    encodeRoster({ ...proposed.roster, members: proposed.roster.members.slice(0, 3) }),
  );
  await assert.rejects(approve(a, approvalOf(a, other)), refusedAs('WRONG_PHASE'));
  const later = { ...proposed, roster: { ...proposed.roster, version: 3 } };
  await assert.rejects(approve(a, approvalOf(a, later)), refusedAs('WRONG_PHASE'));
  await assert.rejects(a.call(RosterService, 'approveRoster', {}), refusedAs('MALFORMED'));
});

test('a refusal tells the operator why, until the site approves', async () => {
  const [a] = sites as [TestSite];
  const { hash } = (await proposalFor(a))!;
  const refusal = { version: 2, rosterHash: toDigestBytes(hash), reason: 'who is hospital-d?' };
  const shown = async () => (await answerOf(coordinator.admin.GET('/v1/roster'))).proposed!;
  await a.call(RosterService, 'refuseRoster', refusal);
  assert.deepEqual((await shown()).refusedBy, [{ site: a.site, reason: 'who is hospital-d?' }]);
  await approveProposal(a);
  assert.deepEqual((await shown()).refusedBy, []);
  await assert.rejects(a.call(RosterService, 'refuseRoster', refusal), refusedAs('WRONG_PHASE'));
  for (const bad of [{ reason: 'two\nlines' }, { reason: '' }, { rosterHash: new Uint8Array(31) }])
    await assert.rejects(
      a.call(RosterService, 'refuseRoster', { ...refusal, ...bad }),
      refusedAs('MALFORMED'),
    );
  await assert.rejects(chainFor(a, 0), refusedAs('MALFORMED'));
});

test('an adopted roster is in the log with its approvals, also after a restart', async () => {
  for (const site of [sites[1]!, outsider]) await approveProposal(site);
  assert.equal((await chainFor(outsider)).links.length, 2);
  await coordinator.running.stop();
  coordinator = await coordinator.startAnother();
  for (const [i, site] of sites.entries()) sites[i] = site.at(coordinator.running.advertise);
  outsider = outsider.at(coordinator.running.advertise);
  assert.equal((await chainFor(outsider)).links.length, 2);
  const folder = join(coordinator.config.log.directory, 'records');
  const texts = await Promise.all(
    (await readdir(folder, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => readFile(join(entry.parentPath, entry.name), 'utf8')),
  );
  const rosters = texts
    .map((text) => Buffer.from((JSON.parse(text) as { payload: string }).payload, 'base64').toString())
    .filter((text) => text.includes('/roster/v1'))
    .map((text) => JSON.parse(text) as { predicate: { version: number; approvals: unknown[] } });
  assert.deepEqual(rosters.map(({ predicate }) => [predicate.version, predicate.approvals.length]).sort(), [
    [1, 3],
    [2, 3],
  ]);
});

test('a ceremony of its own makes the roster for the sites of a job', async () => {
  await adoptRoster(coordinator, sites);
  assert.equal((await chainFor(outsider)).links.length, 2);
});
