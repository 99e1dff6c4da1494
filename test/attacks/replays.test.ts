// Everything a site said in one round, said again: in the same round, in another order, in the next round, about another's bytes.
// Over the wire, to a real coordinator.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { commitmentCodec, type Digest } from '@blindsum/proto';
import {
  startTestCoordinator,
  type SentCall,
  type TestCoordinator,
  type TestSite,
} from '../../coordinator/src/federation.fixture.ts';
import { assertChangesNothing, outcomeOf } from '../../coordinator/src/rpc/impostors.fixture.ts';
import { TestJob, type TestRound } from '../../coordinator/src/whole-rounds.fixture.ts';

const SIGNED = ['commit', 'acknowledge', 'submitChecksum', 'open', 'attest'];

let coordinator: TestCoordinator;
let job: TestJob;
let a: TestSite;
let b: TestSite;
/** What hospital-a and hospital-b said in the first round. */
const said = new Map<TestSite, SentCall[]>();
let first: TestRound;
let second: TestRound;

before(async () => {
  coordinator = await startTestCoordinator();
  job = await TestJob.start(coordinator, { rounds: 2 });
  [a, b] = job.sites as [TestSite, TestSite];
  for (const site of [a, b]) {
    said.set(site, []);
    site.beforeSending = async (sent) => void said.get(site)!.push(sent);
  }
  first = await job.current();
  await first.play();
  for (const site of [a, b]) site.beforeSending = undefined;
  second = await job.current();
});

after(async () => {
  job.close();
  await coordinator.remove();
  assert.deepEqual(coordinator.crashes, []);
});

const messagesOf = (site: TestSite) => said.get(site)!.filter(({ method }) => SIGNED.includes(method));
const inRound = (sent: SentCall, { terms: { ref } }: TestRound): SentCall => ({
  ...sent,
  requests: [{ ...sent.requests[0], ref }],
});

function changesNothing(what: string, act: () => Promise<void>): Promise<void> {
  return assertChangesNothing(coordinator.config.stateDirectory, what, act);
}

test('messages that are replayed, in their order and in the opposite one, change nothing', async () => {
  assert.deepEqual(
    messagesOf(a).map(({ method }) => method),
    SIGNED,
  );
  await changesNothing('a replay', async () => {
    // The round is over: what it holds is a retry, and nothing else is taken.
    for (const sent of [...messagesOf(a), ...messagesOf(a).reverse()])
      assert.ok(['OK', 'WRONG_PHASE'].includes(await outcomeOf(a.client, sent)), sent.method);
  });
});

test('messages of one round are none of the next', async () => {
  await changesNothing('a message of the round before', async () => {
    for (const sent of messagesOf(a))
      assert.equal(await outcomeOf(a.client, inRound(sent, second)), 'WRONG_CONTEXT', sent.method);
  });
});

test('shares of one round are none of the next: their commitment is bound to its round', async () => {
  await second.upload(a);
  const [commitment] = messagesOf(a);
  const { payload } = (commitment!.requests[0] as { commitment: { payload: Uint8Array } }).commitment;
  const stale = commitmentCodec.parse(payload, { members: [a.member] });
  const { context, chunks, ref } = second.terms;
  const signed = a.sign(commitmentCodec, { ...stale, context, chunks });
  const request = { ...commitment!, requests: [{ ref, commitment: signed }] };
  // Signed for this round, with the roots of what was sealed to the one before: those bytes are not here.
  assert.equal(await outcomeOf(a.client, request), 'ROOT_MISMATCH');
});

test('a second commitment, and one to somebody else’s ciphertext, are refused', async () => {
  await second.contribute(a);
  await second.upload(b);
  const { context, chunks, ref } = second.terms;
  const mine = { context, site: b.site, chunks };
  const [commitment] = messagesOf(a);
  const commit = (roots: { ciphertextRoot: Digest; shareRoot: Digest }, site: TestSite) =>
    outcomeOf(site.client, {
      ...commitment!,
      requests: [{ ref, commitment: site.sign(commitmentCodec, { ...mine, site: site.site, ...roots }) }],
    });
  const others = second.rootsOf(a);
  // The bytes under hospital-b's name are its own, and not those that it signs for.
  assert.equal(await commit(others, b), 'ROOT_MISMATCH');
  await second.contribute(b);
  await changesNothing('a second commitment', async () => {
    assert.equal(await commit(others, b), 'CONFLICTING_SUBMISSION');
    assert.equal(await commit(second.rootsOf(b), a), 'CONFLICTING_SUBMISSION');
  });
  await second.contribute(job.sites[2]!);
  await second.finish();
});
