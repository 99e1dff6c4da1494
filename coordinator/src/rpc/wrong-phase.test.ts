// Every method of a round, called by the right site with a message of its own in each phase that the method's row does not name.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  acknowledgementCodec,
  attestationCodec,
  checkpointComplaintCodec,
  checksumStatementCodec,
  commitmentCodec,
  complaintCodec,
  modelReleaseCodec,
  openingCodec,
  sealedCheckpointCodec,
  type Digest,
  type JobId,
  type SignedMessage,
} from '@blindsum/proto';
import { BlobKind, RoundPhase, RoundService } from '@blindsum/proto/rpc';
import {
  FEDERATION,
  startTestCoordinator,
  type TestCoordinator,
  type TestSite,
} from '../federation.fixture.ts';
import type { Round } from '../round/round.ts';
import { TestJob } from '../whole-rounds.fixture.ts';
import { ACCESS_RULES, SERVICES, type AccessRule, type ServiceName } from './access-rules.ts';
import { assertChangesNothing, outcomeOf } from './impostors.fixture.ts';

type Phase = Round['phase'];
type Ref = { readonly job: string; readonly round: number; readonly attempt: number };
interface Moment {
  readonly ref: Ref;
  readonly context: Digest;
  readonly chunks: number;
}

const DIGEST = 'ab'.repeat(32) as Digest;
const ROOTS = { setRoot: DIGEST, sumRoot: DIGEST };
const CHECKSUM = '0'.repeat(16);

/** Well-signed messages for this round that nobody has sent before. */
const MESSAGES: Readonly<
  Record<string, (site: TestSite, moment: Moment) => Readonly<Record<string, SignedMessage | string>>>
> = {
  commit: (by, { context, chunks }) => {
    const roots = { ciphertextRoot: DIGEST, shareRoot: DIGEST };
    return { commitment: by.sign(commitmentCodec, { context, site: by.site, chunks, ...roots }) };
  },
  acknowledge: (by, { context }) => {
    const value = { context, site: by.site, setAttempt: 1, setRoot: DIGEST };
    return { acknowledgement: by.sign(acknowledgementCodec, value) };
  },
  complain: (by, { context }) => {
    const value = { context, site: by.site, setAttempt: 1, setRoot: DIGEST, dealers: [by.site] };
    return { complaint: by.sign(complaintCodec, value) };
  },
  submitChecksum: (by, { context }) => {
    const values: [string, string] = [CHECKSUM, CHECKSUM];
    const value = { context, site: by.site, subject: by.site, ...ROOTS, values };
    return { checksum: by.sign(checksumStatementCodec, value) };
  },
  open: (by, { context }) => ({
    opening: by.sign(openingCodec, { context, site: by.site, ...ROOTS, openingRoot: DIGEST }),
  }),
  attest: (by, { context }) => {
    const value = { context, site: by.site, ...ROOTS, modelHash: DIGEST, metrics: {} };
    return { attestation: by.sign(attestationCodec, value) };
  },
  offerCheckpoint: (by, { context }) => {
    const value = { context, site: by.site, modelHash: DIGEST, rosterHash: DIGEST, root: DIGEST };
    return { checkpoint: by.sign(sealedCheckpointCodec, value) };
  },
  complainAboutCheckpoint: (by, { context }) => {
    const value = { context, site: by.site, sealer: by.site, root: DIGEST };
    return { complaint: by.sign(checkpointComplaintCodec, value) };
  },
  getRelease: () => ({}),
  voteForRelease: (by, { ref }) => {
    const { job, round } = ref;
    const value = { federation: FEDERATION, job: job as JobId, round, site: by.site };
    const hashes = { modelHash: DIGEST, fileDigest: DIGEST, rosterHash: DIGEST };
    return { vote: by.sign(modelReleaseCodec, { ...value, ...hashes }) };
  },
  refuseRelease: () => ({ reason: 'not yet' }),
  deliverModel: () => ({}),
  downloadSum: () => ({}),
  downloadContribution: (by) => ({ site: by.site }),
  downloadShares: () => ({}),
  downloadOpenings: () => ({}),
  downloadCheckpoint: (by) => ({ site: by.site }),
};

/** `OK` and everything that says "your message is not as it should be" are missing: those would mean that it was waited for. */
const REFUSALS = ['WRONG_PHASE', 'CONFLICTING_SUBMISSION', 'NOT_FOUND'];

let coordinator: TestCoordinator;
let job: TestJob;
const tried = new Set<string>();

before(async () => {
  coordinator = await startTestCoordinator();
  job = await TestJob.start(coordinator, { rounds: 3 });
});

after(async () => {
  job.close();
  await coordinator.remove();
});

function* methods(): Generator<{ service: ServiceName; method: string; phases: readonly Phase[] }> {
  for (const service of Object.keys(SERVICES) as ServiceName[])
    for (const [method, { phases }] of Object.entries<AccessRule>(ACCESS_RULES[service]))
      if (phases !== 'any') yield { service, method, phases };
}

/** The requests of a call that nobody waits for. */
function requestsOf(site: TestSite, method: string, moment: Moment): object[] {
  const { ref } = moment;
  if (method !== 'upload') return [{ ref, ...MESSAGES[method]!(site, moment) }];
  const header = { ref, kind: BlobKind.CIPHERTEXT, size: 1n << 15n, offset: 0n };
  return [{ message: { case: 'header', value: header } }];
}

async function tryOutOfPhase(phase: Phase, moment: Moment): Promise<void> {
  const site = job.sites[0]!;
  for (const { service, method, phases } of methods()) {
    if (phases.includes(phase)) continue;
    const what = `${service}.${method} while ${phase}`;
    const requests = requestsOf(site, method, moment);
    await assertChangesNothing(coordinator.config.stateDirectory, what, async () => {
      const outcome = await outcomeOf(site.client, { service: SERVICES[service], method, requests });
      assert.ok(REFUSALS.includes(outcome), `${what}: ${outcome}`);
    });
    tried.add(`${method} ${phase}`);
  }
}

test('a call in a phase that its row does not name is refused and changes nothing', async () => {
  const round = await job.current();
  const moment = round.terms;
  await tryOutOfPhase('collecting', moment);
  for (const site of job.sites) await round.contribute(site);
  await round.until(RoundPhase.SEALED);
  await tryOutOfPhase('sealed', moment);
  for (const site of job.sites) await round.acknowledge(site);
  await round.until(RoundPhase.SUMMED);
  await tryOutOfPhase('summed', moment);
  for (const site of job.sites) await round.confirm(site);
  await round.until(RoundPhase.OPENING);
  await tryOutOfPhase('opening', moment);
  for (const site of job.sites) await round.open(site);
  for (const site of job.sites) await round.attest(site);
  await tryOutOfPhase('published', moment);
  const next = (await job.current()).terms;
  const params = { path: { job: job.job } };
  await coordinator.admin.POST('/v1/jobs/{job}/cancel', { params, body: { reason: 'over' } });
  const { round: shown } = await job.sites[0]!.call(RoundService, 'watchRound', { job: job.job });
  assert.equal(shown?.phase, RoundPhase.FAILED);
  await tryOutOfPhase('failed', next);
});

test('every method that belongs to a phase was tried in the others', () => {
  const phases: Phase[] = ['collecting', 'sealed', 'summed', 'opening', 'published', 'failed'];
  for (const { method, phases: named } of methods())
    for (const phase of phases) assert.equal(tried.has(`${method} ${phase}`), !named.includes(phase), method);
});
