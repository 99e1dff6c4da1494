// Three hospitals run a job. While it runs, a fourth is let in with a token, everybody approves the roster that lists it, and it
// contributes from the next round on. Nobody is started again.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { inRound, type Hospital } from '../fixtures/hospital.ts';
import { openRealFederation, type RealFederation } from '../fixtures/real-federation.ts';

const ROUNDS = 2;
const TIMEOUT_MS = 240_000;
const FOUNDERS = ['hospital-a', 'hospital-b', 'hospital-c'];
const ALL = [...FOUNDERS, 'hospital-d'];

suite('a hospital that joins a job that runs', { timeout: TIMEOUT_MS }, () => {
  let federation: RealFederation;
  let founders: readonly Hospital[];
  let joining: Hospital;

  before(async () => {
    federation = await openRealFederation({ hospitals: 4, founders: 3, rounds: ROUNDS });
    founders = federation.hospitals.slice(0, 3);
    joining = federation.hospitals[3]!;
    for (const hospital of founders) hospital.start();
    // Round 1 cannot end while one of its hospitals stands still, however fast the others are.
    const slow = founders[2]!;
    await slow.until('phase', inRound(1));
    await slow.standStill();
  });
  after(() => federation.remove());

  test('is let in with a token, and is in no roster by that', async () => {
    const { operate, prepare, layout } = federation;
    const token = join(layout.root, 'token');
    await writeFile(token, await operate('invite', joining.site), { mode: 0o600 });
    await prepare(joining);
    await joining.run('enroll', '--token-file', token);
    joining.start();
    const { code } = await joining.until('waiting');
    assert.equal(code, 'NOT_A_MEMBER');
  });

  test('is in the roster once it and every member have approved', async () => {
    const { operate } = federation;
    const proposed = JSON.parse(await operate('roster', 'propose', '--json')) as {
      proposed: { version: number; hash: string };
    };
    const { version, hash } = proposed.proposed;
    assert.equal(version, 2);
    await founders[0]!.until('roster-waits');
    const approve = async (founder: Hospital) => {
      assert.match(await founder.run('roster', 'show'), /hospital-d/);
      await founder.run('roster', 'approve', String(version), hash.slice(0, 16));
    };
    await Promise.all(founders.map(approve));
    await joining.until('roster-accepted', (event) => event.version === 2);
    const shown = JSON.parse(await operate('roster', 'show', '--json')) as {
      adopted: { hash: string };
      proposed: null;
    };
    assert.deepEqual([shown.adopted.hash, shown.proposed], [hash, null]);
  });

  test('contributes from the next round on, and all four end with one model', async () => {
    await joining.until('consented');
    founders[2]!.goOn();
    await Promise.all(federation.hospitals.map((hospital) => hospital.finish()));
    assert.deepEqual(
      joining.all('committed').map(({ round }) => round),
      [2, 3],
    );
    const [first, ...others] = await Promise.all(federation.hospitals.map((one) => one.finalModel()));
    for (const other of others) assert.deepEqual(other, first);
  });

  test('is in the published rounds and in the log from then on', async () => {
    const { roster, members } = await federation.jobStatus();
    assert.deepEqual(roster, { version: 2, waits: null });
    assert.deepEqual(
      members,
      ALL.map((site) => ({ site, consented: true, withdrawn: false })),
    );
    const published = await federation.published();
    assert.deepEqual(
      published.map(({ round, contributors, leftOut }) => ({ round, contributors, leftOut })),
      [FOUNDERS, FOUNDERS, ALL, ALL].map((contributors, round) => ({ round, contributors, leftOut: [] })),
    );
    const [log, sums] = await federation.audit();
    assert.ok(log!.ok && sums!.ok, log!.text + sums!.text);
    for (const [round, sites] of [3, 3, 4, 4].entries())
      assert.match(sums!.text, new RegExp(`Round ${round} .*: VERIFIED. ${sites} of ${sites} sites`));
  });
});
