import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '@blindsum/proto';
import type { Caller } from '../audit-trail.ts';
import { readChain } from '../storage/audit-trail.contract.ts';
import { MemoryAuditTrail } from '../storage/memory-audit-trail.ts';
import { Administration } from './administration.ts';

const OPERATOR: Caller = { actor: { kind: 'local', user: 'alice' }, from: 'admin.sock' };
const ASKED = { action: 'job.cancel', subject: 'job-1' } as const;

function open() {
  const trail = new MemoryAuditTrail();
  const clock = { nowMs: () => 1000 };
  return { trail, administration: new Administration({ trail, clock }), clock };
}

async function shown(trail: MemoryAuditTrail): Promise<string[]> {
  return (await readChain(trail)).map(
    ({ entry: { sequence, action, subject, outcome, code, completes } }) =>
      `${sequence} ${action} ${subject} ${outcome}${code && ` ${code}`}${completes ? ` of ${completes}` : ''}`,
  );
}

test('an action has an entry before it is done, and one after', async () => {
  const { trail, administration } = open();
  const answer = await administration.perform(OPERATOR, ASKED, async () => {
    assert.deepEqual(await shown(trail), ['1 job.cancel job-1 begun']);
    return 7;
  });
  assert.equal(answer, 7);
  assert.deepEqual(await shown(trail), ['1 job.cancel job-1 begun', '2 job.cancel job-1 done of 1']);
  const { entry } = (await readChain(trail))[0]!;
  assert.deepEqual({ ...entry, ...OPERATOR, atMs: 1000 }, entry);
});

test('nothing is done without an entry', async () => {
  const { trail } = open();
  const broken = {
    unfinished: () => trail.unfinished(),
    append: async () => {
      throw new Error('no disk');
    },
  };
  let isDone = false;
  const act = async () => {
    isDone = true;
  };
  const administration = new Administration({ trail: broken, clock: { nowMs: () => 1 } });
  await assert.rejects(administration.perform(OPERATOR, ASKED, act), /no disk/);
  assert.equal(isDone, false);
});

test('what is refused or fails says so by its code, and not in the words of the caller', async () => {
  const { trail, administration } = open();
  const refusal = new Refusal('WRONG_PHASE', 'a secret');
  await assert.rejects(
    administration.perform(OPERATOR, ASKED, () => Promise.reject(refusal)),
    refusal,
  );
  const fault = new Error('a secret');
  await assert.rejects(
    administration.perform(OPERATOR, ASKED, () => Promise.reject(fault)),
    fault,
  );
  await administration.refused(
    OPERATOR,
    { action: 'access.refused' },
    new Refusal('UNAUTHENTICATED', 'a secret'),
  );
  assert.deepEqual(
    (await shown(trail)).filter((_, i) => [1, 3, 4].includes(i)),
    [
      '2 job.cancel job-1 refused WRONG_PHASE of 1',
      '4 job.cancel job-1 failed INTERNAL of 3',
      '5 access.refused  refused UNAUTHENTICATED',
    ],
  );
  assert.doesNotMatch(JSON.stringify(await readChain(trail)), /a secret/);
});

test('what a crash interrupted has an unknown outcome from the next start on, once', async () => {
  const { trail, administration, clock } = open();
  void administration.perform(OPERATOR, ASKED, () => new Promise(() => {}));
  await administration.perform(OPERATOR, { action: 'key.create', subject: 'k' }, async () => {});
  const next = new Administration({ trail, clock });
  await next.settle();
  await next.settle();
  assert.deepEqual((await shown(trail)).slice(3), ['4 job.cancel job-1 unknown of 1']);
});

test('a name that no terminal should print is written down all the same', async () => {
  const { trail, administration } = open();
  const asked = { action: 'job.cancel', subject: '\u001b[2J\n', detail: 'x'.repeat(1000) } as const;
  await administration.perform({ ...OPERATOR, from: '' }, asked, async () => {});
  const { entry } = (await readChain(trail))[0]!;
  assert.deepEqual([entry.subject, entry.detail.length, entry.from], ['\u{FFFD}[2J\u{FFFD}', 300, '?']);
});
