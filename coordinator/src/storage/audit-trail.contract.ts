// What every AuditTrail promises (audit-trail.ts). Each implementation runs exactly this.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concat, parseTrail, utf8, type HashedEntry, type TrailEntry } from '@blindsum/proto';
import { createSalt, type AuditTrail, type TrailDraft } from '../audit-trail.ts';

/** An entry of the trail before it has its place. */
export function draftOf(changes: Partial<TrailDraft> = {}): TrailDraft {
  return {
    actor: { kind: 'local', user: 'root' },
    from: 'admin.sock',
    action: 'job.cancel',
    subject: 'breast-cancer',
    detail: '',
    outcome: 'done',
    code: '',
    completes: 0,
    atMs: 1,
    salt: createSalt(),
    ...changes,
  };
}

/** Everything in the trail, once its chain is verified. */
export async function readChain(trail: AuditTrail): Promise<HashedEntry[]> {
  const lines = await trail.read(0, 1e6);
  return parseTrail(concat(...lines.flatMap((line) => [line, utf8('\n')])));
}

/** Runs the suite; `open` gives an empty trail each time. */
export function describeAuditTrail(name: string, open: () => Promise<AuditTrail>): void {
  describeOrder(name, open);
  describePlaces(name, open);
}

const numbers = (entries: readonly TrailEntry[]) => entries.map(({ sequence }) => sequence);

function describeOrder(name: string, open: () => Promise<AuditTrail>): void {
  void test(`${name}: entries follow upon each other, as they were written`, async () => {
    const trail = await open();
    assert.deepEqual([await trail.last(), await trail.read(0, 10)], [0, []]);
    const drafts = [
      draftOf(),
      draftOf({ subject: 'other', atMs: 2 }),
      draftOf({ outcome: 'refused', code: 'NOT_FOUND' }),
    ];
    const appended: TrailEntry[] = [];
    for (const draft of drafts) appended.push(await trail.append(draft));
    const chain = await readChain(trail);
    assert.deepEqual(
      chain.map(({ entry }) => entry),
      appended,
    );
    assert.deepEqual(
      appended.map(({ sequence: _, previous: __, ...draft }) => draft),
      drafts,
    );
    assert.equal(await trail.last(), 3);
  });

  void test(`${name}: entries that are written at once are all there, in one chain`, async () => {
    const trail = await open();
    await Promise.all(Array.from({ length: 20 }, (_, i) => trail.append(draftOf({ subject: `${i}` }))));
    const subjects = (await readChain(trail)).map(({ entry }) => Number(entry.subject));
    assert.deepEqual(
      subjects.toSorted((a, b) => a - b),
      Array.from({ length: 20 }, (_, i) => i),
    );
  });

  void test(`${name}: a part is read from any place on`, async () => {
    const trail = await open();
    for (let i = 0; i < 5; i++) await trail.append(draftOf());
    const all = await trail.read(0, 10);
    assert.deepEqual(await trail.read(2, 2), all.slice(2, 4));
    assert.deepEqual(await trail.read(5, 10), []);
  });
}

function describePlaces(name: string, open: () => Promise<AuditTrail>): void {
  void test(`${name}: what begins is unfinished until another entry completes it`, async () => {
    const trail = await open();
    for (const outcome of ['begun', 'done', 'begun'] as const) await trail.append(draftOf({ outcome }));
    assert.deepEqual(numbers(await trail.unfinished()), [1, 3]);
    await trail.append(draftOf({ outcome: 'refused', code: 'BUSY', completes: 1 }));
    assert.deepEqual(numbers(await trail.unfinished()), [3]);
    await trail.append(draftOf({ outcome: 'unknown', completes: 3 }));
    assert.deepEqual(await trail.unfinished(), []);
  });

  void test(`${name}: numbers may be skipped forward, and never back`, async () => {
    const trail = await open();
    await trail.append(draftOf());
    assert.equal((await trail.append(draftOf({ action: 'trail.gap' }), 7)).sequence, 7);
    assert.equal((await trail.append(draftOf(), 3)).sequence, 8);
    assert.deepEqual(numbers((await readChain(trail)).map(({ entry }) => entry)), [1, 7, 8]);
  });

  void test(`${name}: an entry that no auditor could parse is not written`, async () => {
    const trail = await open();
    await assert.rejects(trail.append(draftOf({ detail: 'two\nlines' })));
    assert.equal(await trail.last(), 0);
  });
}
