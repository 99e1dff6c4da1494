// People at four hospitals look at a job and decide with their commands. It runs, one of them takes the consent back, and the job
// goes on without it from the next round.
import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { EXIT } from '@blindsum/proto';
import { siteViewFormat, type SiteView } from '../../participant/src/view/site-view.ts';
import { inRound, type Hospital } from '../fixtures/hospital.ts';
import { editYaml, openRealFederation, type RealFederation } from '../fixtures/real-federation.ts';

const ROUNDS = 2;
const TIMEOUT_MS = 240_000;
const REMAINING = ['hospital-a', 'hospital-b', 'hospital-c'];
const ALL = [...REMAINING, 'hospital-d'];
const BY = ['--by', 'Dr Who', '--reason'];

interface Shown {
  readonly standing: { readonly kind: string; readonly decidedBy?: string; readonly reason?: string };
  readonly stops: string | null;
  readonly verdicts: readonly { readonly rule: string; readonly isAllowed: boolean }[];
}

/** What the agent that runs and is in round 1 shows of itself. */
async function verifyShown(hospital: Hospital, job: string): Promise<void> {
  const { agent, coordinator, jobs, sent } = await viewOf(hospital);
  assert.deepEqual([agent.isRunning, coordinator.state], [true, 'answers']);
  const [shown] = jobs;
  assert.deepEqual([shown?.job, shown?.doing?.round, shown?.asks?.author.isVerified], [job, 1, true]);
  assert.deepEqual([shown?.decision.verdict, shown?.decision.why], ['consented', 'the board agreed']);
  const { messages } = sent.attempts.find(({ round }) => round === 1)!;
  const [uploaded] = hospital.all('uploaded').filter(inRound(1));
  const bytesOf = (kind: string) => messages.find((message) => message.kind === kind)?.bytes ?? 0;
  const framing = bytesOf('ciphertext') + bytesOf('shares') - uploaded!.bytesSent;
  assert.ok(framing > 0 && framing < 1_000, `${framing} bytes besides the files`);
  assert.equal(messages.find(({ kind }) => kind === 'commitment')?.times, 1);
  const address = /^http:\S+$/m.exec(await hospital.run('status', '--page'))![0];
  const page = await fetch(address);
  assert.equal(page.status, 200);
  assert.match(await page.text(), /<h1>hospital-d<\/h1>[^]*the board agreed/);
  assert.equal((await fetch(address)).status, 403);
}

async function viewOf(hospital: Hospital): Promise<SiteView> {
  return siteViewFormat.parse(JSON.parse(await hospital.run('status', '--json')));
}

suite('a job about which people decide', { timeout: TIMEOUT_MS }, () => {
  let federation: RealFederation;
  let leaving: Hospital;
  let job: string;
  const printed = async <T>(...command: string[]) =>
    JSON.parse(await leaving.run('jobs', ...command, '--json')) as T;
  const refuses = async (command: readonly string[], status: number, text: RegExp) => {
    const ending = await leaving.try('jobs', ...command);
    assert.match(ending.complaint, text);
    assert.deepEqual([ending.status, ending.stdout], [status, '']);
    assert.ok(!ending.complaint.includes('\n'), ending.complaint);
  };

  before(async () => {
    federation = await openRealFederation({
      hospitals: 4,
      rounds: ROUNDS,
      policy: { approval: 'person' },
      site: async () => ({ localPage: { port: 0 } }),
    });
    leaving = federation.hospitals[3]!;
    ({ job } = federation);
  });
  after(() => federation.remove());

  test('the job is listed and explained, and nothing is decided by looking', async () => {
    assert.match(
      await leaving.run('jobs', 'list'),
      /^breast-cancer: joining; nobody has decided, and this site has not consented$/m,
    );
    assert.deepEqual(await printed('list'), {
      jobs: [{ job, state: 'joining', standing: { kind: 'asked' } }],
    });
    const text = await leaving.run('jobs', 'show', job);
    for (const part of [
      /Author: Demo Author, key /,
      /learns to predict benign: 0 or 1/,
      /With you: hospital-a, hospital-b, hospital-c\./,
      /allows {2}maxRounds\.job/,
      /It is stopped by: APPROVAL_NEEDED: .*jobs approve breast-cancer/,
    ])
      assert.match(text, part);
    const shown = await printed<Shown>('show', job);
    assert.deepEqual(shown.standing, { kind: 'asked' });
    assert.match(shown.stops!, /^APPROVAL_NEEDED: /);
    assert.ok(shown.verdicts.every(({ isAllowed }) => isAllowed));
  });

  test('what is asked wrongly is refused in one line, and decides nothing', async () => {
    await refuses(['approve'], EXIT.usage, /missing required argument 'job'/);
    await refuses(['approve', 'Not a job'], EXIT.usage, /'Not a job' is invalid .* 1 to 63 of a-z, 0-9/);
    await refuses(['show', 'no-such-job'], EXIT.notFound, /NOT_FOUND: /);
    await refuses(
      ['refuse', job, '--reason', 'two\nlines'],
      EXIT.usage,
      /CONFIG_INVALID: a reason, or a name, is one line/,
    );
    await refuses(
      ['withdraw', job],
      EXIT.conflict,
      /WRONG_PHASE: this site has not consented to breast-cancer; .*jobs refuse/,
    );
    assert.equal((await printed<Shown>('show', job)).standing.kind, 'asked');
  });

  test('what the policy forbids can be refused, and not approved', async () => {
    const policy = join(dirname(leaving.config), 'policy.yaml');
    await editYaml(policy, { maxParameters: 1 });
    await refuses(['approve', job], EXIT.decision, /POLICY_FORBIDS: policy\.maxParameters: /);
    assert.match(await leaving.run('jobs', 'show', job), /FORBIDS maxParameters/);
    assert.match(await leaving.run('jobs', 'refuse', job, ...BY, 'too large'), /^breast-cancer is refused$/m);
    await editYaml(policy, { maxParameters: 1_000_000 });
    assert.match(
      await leaving.run('jobs', 'list'),
      /^breast-cancer: joining; refused by Dr Who on \S+: too large$/m,
    );
    const { standing, stops } = await printed<Shown>('show', job);
    assert.deepEqual(
      [standing.kind, standing.decidedBy, standing.reason],
      ['refused', 'Dr Who', 'too large'],
    );
    assert.match(stops!, /^APPROVAL_NEEDED: breast-cancer: Dr Who refused it: too large/);
  });

  test('the job starts once a person at each hospital has approved it', async () => {
    for (const hospital of federation.hospitals) hospital.start();
    await leaving.until('not-permitted', ({ code }) => code === 'APPROVAL_NEEDED');
    const approve = async (hospital: Hospital) => {
      const text = await hospital.run('jobs', 'approve', job, ...BY, 'the board agreed');
      assert.match(text, /^breast-cancer is approved: manifest [0-9a-f]{64}$/m);
    };
    await Promise.all(federation.hospitals.map(approve));
    await leaving.until('consented');
    const { standing, stops } = await printed<Shown>('show', job);
    assert.deepEqual([standing.kind, standing.reason, stops], ['consented', 'the board agreed', null]);
    await refuses(
      ['refuse', job],
      EXIT.conflict,
      /WRONG_PHASE: this site has consented to breast-cancer; .*jobs withdraw/,
    );
  });

  test('a hospital that withdraws helps to end its round, and the others go on without it', async () => {
    // Round 1 cannot end while another hospital stands still, however fast the others are.
    const slow = federation.hospitals[0]!;
    await slow.until('phase', inRound(1));
    await slow.standStill();
    await leaving.until('committed', inRound(1));
    await verifyShown(leaving, job);
    const withdrawn = await printed('withdraw', job, ...BY, 'the board thought again');
    assert.deepEqual(withdrawn, { job, verdict: 'withdrawn', fromRound: 2 });
    assert.match(
      await leaving.run('jobs', 'list'),
      /^breast-cancer: running; withdrawn from round 2 on by Dr Who on \S+: the board thought again$/m,
    );
    assert.match(
      await federation.operate('status'),
      /^job breast-cancer: running, .*, without hospital-d \(withdrawn\)/m,
    );
    slow.goOn();
    await Promise.all(federation.hospitals.slice(0, 3).map((hospital) => hospital.finish()));
    assert.equal((await leaving.end()).status, 1);
    const [told, ...again] = leaving.all('withdrawn');
    assert.deepEqual([told?.fromRound, told?.reason, again], [2, 'the board thought again', []]);
  });

  test('the hospital that left sees what it sent, that it has left, and that nothing goes on', async () => {
    const { agent, jobs, sent, privacy } = await viewOf(leaving);
    assert.equal(agent.isRunning, false);
    const [shown] = jobs;
    assert.deepEqual(
      [shown?.decision.verdict, shown?.withdrawnFromRound, shown?.doing, shown?.end?.how],
      ['withdrawn', 2, null, 'withdrawn from round 2 on'],
    );
    const { kinds } = sent;
    for (const kind of ['ciphertext', 'opening', 'attestation', 'consent', 'withdrawal', 'cosignature'])
      assert.ok(
        kinds.some((one) => one.kind === kind && one.bytes > 0),
        kind,
      );
    assert.equal(privacy.contributedRounds, 2);
    assert.match(await leaving.run('status'), /breast-cancer: withdrawn from round 2 on, by Dr Who/);
    const ending = await leaving.try('status', '--page');
    assert.match(ending.complaint, /NOT_FOUND: there is no local page/);
  });

  test('status, rounds and log name who withdrew, and from when on', async () => {
    const { withdrawn, members } = await federation.jobStatus();
    assert.deepEqual(withdrawn, ['hospital-d']);
    assert.deepEqual(
      members,
      ALL.map((site) => ({ site, consented: true, withdrawn: site === 'hospital-d' })),
    );
    const left = [{ site: 'hospital-d', what: 'withdrawn' }];
    assert.deepEqual(
      (await federation.published()).map(({ contributors, leftOut }) => ({ contributors, leftOut })),
      [
        { contributors: ALL, leftOut: [] },
        { contributors: ALL, leftOut: [] },
        { contributors: REMAINING, leftOut: left },
        { contributors: REMAINING, leftOut: left },
      ],
    );
    const [log, sums] = await federation.audit();
    assert.ok(log!.ok && sums!.ok, log!.text + sums!.text);
    assert.match(log!.text, /left out: withdrawn 2$/m);
    assert.match(sums!.text, /Round 1 .* 4 of 4 sites contributed\.$/m);
    assert.match(sums!.text, /Round 2 .* 3 of 4 sites contributed; 1 had withdrawn from the job\.$/m);
  });
});
