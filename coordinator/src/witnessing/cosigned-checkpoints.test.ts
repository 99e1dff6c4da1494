import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8, type Bytes } from '@blindsum/proto';
import { parseNote } from '@blindsum/proto/tlog';
import { appendIncidents } from '../log/log-store.contract.ts';
import { cosign, cosignerOf, createWatchedLog, ORIGIN, toLines } from './watched-log.fixture.ts';

const namesIn = (note: Bytes) => parseNote(note).signatures.map(({ name }) => name);

test('the latest checkpoint is published with every cosignature that came', async () => {
  const { checkpoints } = await createWatchedLog();
  const { size, note } = await checkpoints.published();
  assert.equal(size, 3);
  await checkpoints.add(3, toLines(cosign(note, 0)));
  assert.equal(await checkpoints.withQuorum(), undefined);
  await checkpoints.add(3, toLines(cosign(note, 2)));
  const after = await checkpoints.published();
  assert.deepEqual(namesIn(after.note), [ORIGIN, cosignerOf(0).name, cosignerOf(2).name]);
  assert.deepEqual(await checkpoints.withQuorum(), after);
});

test('a member that cosigns twice counts once, and its later time stays', async () => {
  const { checkpoints } = await createWatchedLog();
  const { note } = await checkpoints.published();
  const later = cosign(note, 0, 1_800_000_000);
  for (const line of [cosign(note, 0), later, cosign(note, 0)]) await checkpoints.add(3, toLines(line));
  assert.deepEqual(parseNote((await checkpoints.published()).note).signatures.slice(1), [later]);
  assert.equal(await checkpoints.withQuorum(), undefined);
});

test('a cosignature by somebody who is no witness, or that does not verify, is refused and changes nothing', async () => {
  const { checkpoints, store } = await createWatchedLog();
  const { note } = await checkpoints.published();
  const forged = { ...cosign(note, 1), signature: cosign(note, 0).signature };
  const stranger = cosign(note, 3);
  for (const answer of [[stranger], [forged], [cosign(note, 0), forged]])
    await assert.rejects(checkpoints.add(3, toLines(...answer)), { code: 'BAD_SIGNATURE' });
  await assert.rejects(checkpoints.add(3, utf8('no line')), { code: 'MALFORMED' });
  assert.equal(await store.load(3), undefined);
});

test('a cosignature of another tree is no cosignature of this one', async () => {
  const { checkpoints, log } = await createWatchedLog();
  const { note } = await checkpoints.published();
  await appendIncidents(log, 3, 3);
  await checkpoints.published();
  await assert.rejects(checkpoints.add(4, toLines(cosign(note, 0))), { code: 'BAD_SIGNATURE' });
});

test('a checkpoint that the log has grown past is still cosigned, and stays the latest with a quorum', async () => {
  const { checkpoints, log } = await createWatchedLog();
  const { note } = await checkpoints.published();
  await appendIncidents(log, 3, 3);
  for (const member of [0, 1]) await checkpoints.add(3, toLines(cosign(note, member)));
  assert.equal((await checkpoints.published()).size, 4);
  assert.equal((await checkpoints.withQuorum())?.size, 3);
  assert.deepEqual(
    await Promise.all([0, 2, 3].map(async (index) => (await checkpoints.covering(index)).size)),
    [3, 3, 4],
  );
  await assert.rejects(checkpoints.covering(4), { code: 'NOT_FOUND' });
});

test('what a quorum cosigned makes what came before it superfluous', async () => {
  const { checkpoints, log, store } = await createWatchedLog();
  const first = (await checkpoints.published()).note;
  await checkpoints.add(3, toLines(cosign(first, 0)));
  await appendIncidents(log, 3, 3);
  const { note } = await checkpoints.published();
  for (const member of [0, 1]) await checkpoints.add(4, toLines(cosign(note, member)));
  assert.equal(await store.load(3), undefined);
});

test('cosignatures outlive a restart; a checkpoint that nobody was given is not cosigned', async () => {
  const { checkpoints, open } = await createWatchedLog();
  const { note } = await checkpoints.published();
  await checkpoints.add(3, toLines(cosign(note, 0)));
  const again = open();
  await again.add(3, toLines(cosign(note, 1)));
  assert.equal((await again.withQuorum())?.size, 3);
  await assert.rejects(again.add(2, toLines(cosign(note, 0))), { code: 'NOT_FOUND' });
});

test('of two cosignatures at the same time none is lost', async () => {
  const { checkpoints } = await createWatchedLog();
  const { note } = await checkpoints.published();
  await Promise.all([0, 1, 2].map((member) => checkpoints.add(3, toLines(cosign(note, member)))));
  assert.equal(namesIn((await checkpoints.published()).note).length, 4);
});
