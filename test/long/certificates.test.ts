// Certificates while a job runs: hospitals renew theirs, which are due, and one hospital is revoked in the middle of a round. The
// others go on without it.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT, parseSiteGrant } from '@blindsum/proto';
import { parseEnvelope, parseRecord, type Predicate } from '@blindsum/proto/tlog';
import { inRound, type Hospital } from '../fixtures/hospital.ts';
import { openRealFederation, type RealFederation } from '../fixtures/real-federation.ts';

const ROUNDS = 5;
/** Of a life of 90 days more than two thirds: they are to be renewed. */
const CERTIFICATE_DAYS = 61;
/** What the round under way waits for a hospital that is gone; enough for those that are there, also on a machine that is busy. */
const WAITS = { acknowledgeSeconds: 8, checksumSeconds: 6, openSeconds: 12 };
const LOOK_MS = 100;
const SETTLED_MS = 500;
const TIMEOUT_MS = 300_000;
const REMAINING = ['hospital-a', 'hospital-b', 'hospital-c'];

interface Current {
  readonly round: number;
  readonly phase: string;
  readonly awaited: readonly { readonly site: string }[];
}

suite('certificates while a job runs', { timeout: TIMEOUT_MS }, () => {
  let federation: RealFederation;
  let remaining: readonly Hospital[];
  let revoked: Hospital;
  /** The round in which the hospital is revoked, and the one in which the others take it out of their roster. */
  let held: number;
  let last: number;

  before(async () => {
    const plan = { hospitals: 4, rounds: ROUNDS, certificateDays: CERTIFICATE_DAYS, waits: WAITS };
    federation = await openRealFederation(plan);
    remaining = federation.hospitals.slice(0, 3);
    revoked = federation.hospitals[3]!;
  });
  after(() => federation.remove());

  const certificateOf = async ({ config }: Hospital) => {
    const grant = parseSiteGrant(await readFile(join(dirname(config), 'grant.json')));
    return new X509Certificate(grant.certificate);
  };
  /** A round that cannot end, because one of its hospitals stands still before it has contributed. */
  const holdRound = async (hospital: Hospital, from = 1) => {
    for (let round = from; ; round++) {
      await hospital.until('phase', inRound(round));
      await hospital.standStill();
      // What it sent before has arrived by then.
      await sleep(SETTLED_MS);
      const { current } = (await federation.jobStatus()) as { current: Current };
      const isAwaited = current.awaited.some(({ site }) => site === hospital.site);
      if (current.round === round && current.phase === 'collecting' && isAwaited) return round;
      hospital.goOn();
    }
  };
  const untilRenewed = async (hospital: Hospital, before: X509Certificate) => {
    for (;;) {
      const certificate = await certificateOf(hospital);
      if (certificate.fingerprint256 !== before.fingerprint256) return certificate;
      await sleep(LOOK_MS);
    }
  };
  const fingerprintOf = (certificate: X509Certificate) =>
    certificate.fingerprint256.replaceAll(':', '').toLowerCase();

  test('certificates that are due are renewed, and the job goes on with them', async () => {
    const before = await Promise.all(federation.hospitals.map(certificateOf));
    for (const hospital of federation.hospitals) hospital.start();
    held = await holdRound(remaining[2]!);
    const renewed = await Promise.all(
      federation.hospitals.map((hospital, i) => untilRenewed(hospital, before[i]!)),
    );
    for (const [i, { validToDate }] of renewed.entries())
      assert.ok(validToDate.getTime() > before[i]!.validToDate.getTime());
    const issued = (await certificateRecords()).filter(({ event }) => event === 'renewed');
    assert.deepEqual(
      new Set(issued.map(({ certificate }) => certificate)),
      new Set(renewed.map(fingerprintOf)),
    );
  });

  test('a hospital that is revoked in the middle of a round is refused with its next call', async () => {
    await revoked.until('committed', inRound(held));
    const text = await federation.operate('revoke', revoked.site, '--reason', 'key-compromise');
    assert.match(text, /^hospital-d is revoked since /m);
    const { status, complaint } = await revoked.end();
    assert.equal(status, EXIT.notPermitted);
    assert.match(complaint, /UNAUTHENTICATED/);
    assert.match(await federation.operate('status'), /^site hospital-d: revoked on .* \(key-compromise\)$/m);
  });

  test('the next rounds do not wait for it; the others take it out of their roster, and end the job', async () => {
    const { operate } = federation;
    remaining[2]!.goOn();
    last = await holdRound(remaining[2]!, held + 1);
    const { proposed } = JSON.parse(await operate('roster', 'propose', '--json')) as {
      proposed: { version: number; hash: string };
    };
    await Promise.all(
      remaining.map((one) => one.run('roster', 'approve', String(proposed.version), proposed.hash)),
    );
    remaining[2]!.goOn();
    await Promise.all(remaining.map((hospital) => hospital.finish()));
    const [first, ...others] = await Promise.all(remaining.map((one) => one.finalModel()));
    for (const other of others) assert.deepEqual(other, first);
    const published = await federation.published();
    assert.equal(published.length, ROUNDS + 2);
    assert.deepEqual(
      published.map(({ contributors }) => contributors),
      published.map(({ round }) => (round <= held ? [...REMAINING, revoked.site] : REMAINING)),
    );
    assert.deepEqual(
      published.map(({ leftOut }) => leftOut),
      published.map(({ round }) =>
        round <= held || round > last ? [] : [{ site: revoked.site, what: 'revoked' }],
      ),
    );
  });

  test('the log holds the revocation of every certificate it had, and passes the audit', async () => {
    const records = await certificateRecords();
    const member = records.find(({ event }) => event === 'revoked')!.member;
    const [issued, ended] = [
      records.filter((one) => one.member === member && one.event !== 'revoked'),
      records.filter(({ event }) => event === 'revoked'),
    ];
    assert.deepEqual(
      new Set(ended.map(({ certificate }) => certificate)),
      new Set(issued.map(({ certificate }) => certificate)),
    );
    assert.ok(ended.every((one) => one.event === 'revoked' && one.reason === 'key-compromise'));
    const [log, sums] = await federation.audit();
    assert.ok(log!.ok && sums!.ok, log!.text + sums!.text);
  });

  async function certificateRecords(): Promise<Predicate<'certificate'>[]> {
    const folder = join(federation.layout.log, 'records');
    const names = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = names.filter((entry) => entry.isFile());
    const records = await Promise.all(
      files.map(async ({ parentPath, name }) =>
        parseRecord(parseEnvelope(await readFile(join(parentPath, name))).payload),
      ),
    );
    return records.flatMap((record) => (record.kind === 'certificate' ? [record.predicate] : []));
  }
});
