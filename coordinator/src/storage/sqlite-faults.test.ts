// Every statement of the SQLite stores broken in both ways, and processes killed in the middle of their writes: what is left is the
// state before or the state after, and doing it again succeeds.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { after, test, type TestContext } from 'node:test';
import type { Digest, JobId, SiteId } from '@blindsum/proto';
import type { NewApiKey } from '../access/api-key-store.ts';
import type { Session } from '../access/session-store.ts';
import type { StoredMessage } from '../ports.ts';
import type { RosterEntry } from '../roster-store.ts';
import { COLLECTING, SEALED } from '../round/sample-rounds.fixture.ts';
import { openSqliteDatabase } from './database.ts';
import { createSqliteCertificateRecordStore } from './sqlite-certificates.ts';
import { createSqliteInvitationStore } from './sqlite-invitation-store.ts';
import { draftOf, readChain } from './audit-trail.contract.ts';
import { createSqliteApiKeyStore } from './sqlite-api-key-store.ts';
import { createSqliteAuditTrail } from './sqlite-audit-trail.ts';
import { createSqliteJobStore } from './sqlite-job-store.ts';
import { createSqliteMemberStore } from './sqlite-member-store.ts';
import { createSqliteRosterStore } from './sqlite-roster-store.ts';
import { createSqliteRoundStore } from './sqlite-round-store.ts';
import { createSqliteSessionStore } from './sqlite-session-store.ts';
import { createSqliteWriteStore } from './sqlite-write-store.ts';
import type { Database } from './tables.ts';

const directory = mkdtempSync(join(tmpdir(), 'blindsum-faults-'));
after(() => rmSync(directory, { recursive: true, force: true }));

const JOB = 'job-1' as JobId;
const SITE = 'site-a' as SiteId;
const ID = { job: JOB, round: 0, attempt: 1 };
const SIGNED = { payload: Uint8Array.of(1), signature: new Uint8Array(64) };
const DIGEST = 'ef'.repeat(32) as Digest;
const MESSAGE: StoredMessage = { type: 'commitment', site: SITE, subject: SITE, message: SIGNED };
const job = {
  job: JOB,
  status: { state: 'joining' },
  manifest: SIGNED.payload,
  authorSignature: Uint8Array.of(3, 0, 255),
  roster: SIGNED.payload,
} as const;
const PROPOSED: RosterEntry = {
  ...{ roster: SIGNED.payload, hash: 'cd'.repeat(32) as Digest, state: 'proposed' },
  ...{ approvals: [], refusals: [] },
};
const admission = {
  site: SITE,
  signingKey: new Uint8Array(32),
  sharingKey: new Uint8Array(1216),
  certificate: { fingerprint: 'ab'.repeat(32), pem: 'a', notBeforeMs: 1, notAfterMs: 9 },
  admittedMs: 1,
};

const successor = {
  ...admission,
  signingKey: new Uint8Array(32).fill(1),
  certificate: { fingerprint: 'cd'.repeat(32), pem: 'b', notBeforeMs: 3, notAfterMs: 9 },
};
const invitation = {
  id: '0'.repeat(32),
  site: SITE,
  secretDigest: 'ab'.repeat(32) as Digest,
  createdMs: 1,
  expiresMs: 9,
  replaces: false,
};
const redemption = {
  id: invitation.id,
  secretDigest: invitation.secretDigest,
  keys: 'cd'.repeat(32) as Digest,
};

/** What can be done to a database, after what, and what is seen of it. */
const OPERATIONS: Record<string, (database: Database) => Promise<unknown>> = {
  'creating a job': (database) => createSqliteJobStore(database).create({ ...job, submittedMs: 1 }),
  'changing a job': async (database) => {
    const jobs = createSqliteJobStore(database);
    const stored = (await jobs.load(JOB)) ?? (await jobs.create({ ...job, submittedMs: 1 }));
    if (stored.version === 1)
      await jobs.replace(stored, { state: 'starting', consented: [SITE], rosterHash: PROPOSED.hash });
  },
  'keeping a consent': async (database) => {
    const jobs = createSqliteJobStore(database);
    await jobs.create({ ...job, submittedMs: 1 });
    await jobs.addConsent(JOB, SITE, SIGNED);
  },
  'keeping a withdrawal': async (database) => {
    const jobs = createSqliteJobStore(database);
    await jobs.create({ ...job, submittedMs: 1 });
    await jobs.addWithdrawal(JOB, SITE, SIGNED);
  },
  'creating a round and changing it with a message': async (database) => {
    const rounds = createSqliteRoundStore(database);
    const stored = await rounds.create(ID, { round: COLLECTING, owed: [], startedMs: 1 });
    if (stored.version === 1) await rounds.replace(stored, { round: SEALED, owed: [] }, [MESSAGE]);
  },
  'writing an entry of the trail': async (database) => {
    const trail = createSqliteAuditTrail(database);
    if ((await trail.last()) === 0) await trail.append({ ...TRAIL_DRAFT });
    if ((await trail.unfinished()).length > 0)
      await trail.append({ ...TRAIL_DRAFT, outcome: 'done', completes: 1 });
  },
  'making an API key, using and revoking it': async (database) => {
    const keys = createSqliteApiKeyStore(database);
    const stored = (await keys.load(API_KEY.key)) ?? (await keys.create(API_KEY));
    await keys.used(stored.key, 2);
    if (stored.version === 1) await keys.replace(stored, { ...stored, revokedMs: 3 });
  },
  'signing in': async (database) => {
    const sessions = createSqliteSessionStore(database);
    await sessions.removeBefore({ endsMs: 0, lastUsedMs: 0 });
    if (!(await sessions.load(SESSION.hash))) await sessions.create(SESSION);
    await sessions.used(SESSION.hash, 2);
  },
  'a write under an idempotency key': async (database) => {
    const writes = createSqliteWriteStore(database);
    await writes.removeBefore(1);
    const before = await writes.begin({ name: DIGEST, request: DIGEST, begunMs: 2 });
    const answer = { status: 200, location: undefined, text: '{}' };
    if (!before?.answer) await writes.finish(DIGEST, answer);
  },
  'proposing a roster and adopting it': async (database) => {
    const rosters = createSqliteRosterStore(database);
    const proposed = await rosters.replace(1, undefined, PROPOSED);
    const stored = proposed ?? (await rosters.load(1));
    await rosters.replace(1, stored, { ...PROPOSED, state: 'adopted', approvals: [SIGNED] });
  },
  'admitting a member': (database) => createSqliteMemberStore(database).admit(admission),
  'admitting a member in the place of another': async (database) => {
    const members = createSqliteMemberStore(database);
    const [first] = await members.list();
    if (!first) await members.admit(admission);
    await members.admit({ ...successor, replaces: true });
  },
  'revoking a member': async (database) => {
    const members = createSqliteMemberStore(database);
    const [first] = await members.list();
    if (!first) await members.admit(admission);
    await members.revoke(SITE, { reason: 'unspecified', atMs: 5 });
  },
  'noting that the log has a record': async (database) => {
    const members = createSqliteMemberStore(database);
    if ((await members.list()).length === 0) await members.admit(admission);
    await createSqliteCertificateRecordStore(database).logged(1n);
  },
  'inviting a site, which enrols': async (database) => {
    const invitations = createSqliteInvitationStore(database);
    await invitations.create(invitation);
    await invitations.redeem({ ...redemption, nowMs: 5 });
  },
  'revoking invitations': async (database) => {
    const invitations = createSqliteInvitationStore(database);
    await invitations.create(invitation);
    await invitations.revokeFor(SITE, 6);
  },
};

const TRAIL_DRAFT = draftOf({ outcome: 'begun', salt: '00'.repeat(16) });
const API_KEY: NewApiKey = {
  ...{ key: '0123456789abcdef', name: 'k', scope: 'read', createdMs: 1, expiresMs: undefined },
  secretHash: 'ab'.repeat(32) as Digest,
};
const SESSION: Session = {
  hash: 'cd'.repeat(32) as Digest,
  actor: { kind: 'key', key: API_KEY.key, name: 'k', scope: 'read' },
  ...{ createdMs: 1, endsMs: 10, lastUsedMs: 1 },
};

async function snapshot(database: Database) {
  const [jobs, rounds] = [createSqliteJobStore(database), createSqliteRoundStore(database)];
  return {
    jobs: await jobs.list(),
    consents: [...(await jobs.consents(JOB))],
    withdrawals: [...(await jobs.withdrawals(JOB))],
    rounds: await rounds.list(JOB),
    messages: await rounds.messages(ID),
    members: await createSqliteMemberStore(database).list(),
    trail: await readChain(createSqliteAuditTrail(database)),
    keys: await createSqliteApiKeyStore(database).list(),
    session: await createSqliteSessionStore(database).load(SESSION.hash),
    roster: await createSqliteRosterStore(database).load(1),
    owed: await createSqliteCertificateRecordStore(database).owed(),
    invitations: await createSqliteInvitationStore(database).list(),
  };
}

/** Breaks the n-th statement that is run from here on. */
function breakStatement(t: TestContext, nth: number, persists: boolean) {
  let statements = 0;
  // eslint-disable-next-line @typescript-eslint/unbound-method
  const prepare = DatabaseSync.prototype.prepare;
  const broken = function (this: DatabaseSync, text: string): StatementSync {
    const statement = prepare.call(this, text);
    const breaking =
      (run: (...values: never[]) => unknown) =>
      (...values: never[]) => {
        const isBroken = ++statements === nth;
        if (isBroken && !persists) throw new Error('not made');
        const result = run.apply(statement, values);
        if (isBroken) throw new Error('made, and its answer lost');
        return result;
      };
    return Object.assign(Object.create(statement) as StatementSync, {
      columns: () => statement.columns(),
      all: breaking(statement.all.bind(statement) as never),
      run: breaking(statement.run.bind(statement) as never),
    });
  };
  const mocked = t.mock.method(DatabaseSync.prototype, 'prepare', broken);
  return { count: () => statements, mend: () => mocked.mock.restore() };
}

for (const [what, operate] of Object.entries(OPERATIONS))
  for (const persists of [false, true])
    test(`${what}: a statement that fails${persists ? ', but persists,' : ''} leaves all or nothing of each write`, async (t) => {
      const done = await openSqliteDatabase(':memory:');
      await operate(done);
      const expected = await snapshot(done);
      await done.destroy();
      for (let nth = 1; ; nth++) {
        const path = join(directory, `${what}-${persists}-${nth}.db`);
        const database = await openSqliteDatabase(path);
        const fault = breakStatement(t, nth, persists);
        const outcome = await operate(database).then(
          () => 'done',
          () => 'failed',
        );
        fault.mend();
        const other = await openSqliteDatabase(path);
        const left = await snapshot(other);
        // A round's message is there if and only if the change is that it led to.
        assert.equal(left.messages.length, Math.max(0, (left.rounds[0]?.version ?? 1) - 1));
        if (outcome === 'done') assert.deepEqual(left, expected);
        await operate(other);
        assert.deepEqual(await snapshot(other), expected, `statement ${nth}`);
        await Promise.all([other.destroy(), database.destroy()]);
        if (fault.count() < nth) break;
      }
    });

test('a process killed in the middle of its writes leaves every version that it was told of, with its message', async () => {
  const path = join(directory, 'killed.db');
  const script = `
    import { writeSync } from 'node:fs';
    const { openSqliteDatabase } = await import(${JSON.stringify(new URL('./database.ts', import.meta.url).href)});
    const { createSqliteRoundStore } = await import(${JSON.stringify(new URL('./sqlite-round-store.ts', import.meta.url).href)});
    const rounds = createSqliteRoundStore(await openSqliteDatabase(${JSON.stringify(path)}));
    const first = { round: ${JSON.stringify(COLLECTING)}, owed: [], startedMs: 1 };
    let stored = await rounds.create(${JSON.stringify(ID)}, first);
    for (;;) {
      const payload = new TextEncoder().encode(String(stored.version));
      const message = { payload, signature: new Uint8Array(64) };
      stored = await rounds.replace(stored, first, [{ type: 'opening', site: 'a', subject: 'a', message }]);
      writeSync(1, stored.version + '\\n');
    }`;
  for (let kill = 0; kill < 5; kill++) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let printed = '';
    for await (const text of child.stdout.setEncoding('utf8')) {
      printed += text as string;
      if (printed.split('\n').length > 3 + 5 * (kill % 4)) child.kill('SIGKILL');
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    const told = Number(printed.trimEnd().split('\n').at(-1));
    const database = await openSqliteDatabase(path);
    const rounds = createSqliteRoundStore(database);
    const version = (await rounds.load(ID))!.version;
    assert.ok(version === told || version === told + 1, `told of ${told}, found ${version}`);
    assert.equal((await rounds.messages(ID)).length, version - 1);
    await database.destroy();
  }
});
