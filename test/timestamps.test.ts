// A coordinator has its log stamped by OpenSSL's timestamp authority; OpenSSL and an auditor accept what it publishes.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, test } from 'node:test';
import { parseHex, utf8 } from '@blindsum/proto';
import { encodeCheckpoint } from '@blindsum/proto/tlog';
import { fsck } from '../auditor/src/fsck.ts';
import { openFolderLogReader } from '../auditor/src/folder-log-reader.ts';
import { FEDERATION, startTestCoordinator } from '../coordinator/src/federation.fixture.ts';
import {
  hasOpenssl,
  startOpensslAuthority,
  type OpensslAuthority,
} from '../coordinator/src/timestamps/openssl-authority.fixture.ts';

const skip = hasOpenssl() ? false : 'OpenSSL is not installed';
let tsa: OpensslAuthority;
let coordinator: Awaited<ReturnType<typeof startTestCoordinator>>;

before(async () => {
  if (skip) return;
  tsa = await startOpensslAuthority();
  const { url, caFile } = tsa;
  coordinator = await startTestCoordinator({}, { timestamps: { url, caFile, everyHours: 24 } });
});
after(async () => {
  if (skip) return;
  await coordinator.remove();
  await tsa.close();
});

/** The log's report, once an anchor is in it. */
async function reportWithAnchor(): Promise<Awaited<ReturnType<typeof fsck>>> {
  for (let tries = 0; tries < 1000; tries++) {
    const report = await fsck(await openFolderLogReader(coordinator.config.log.directory));
    if (report.records.anchor) return report;
    await sleep(100);
  }
  throw new Error('no timestamp was taken');
}

test('the log is stamped, and what it publishes is enough to verify that', { skip }, async () => {
  const { findings, records } = await reportWithAnchor();
  assert.deepEqual(findings, []);
  assert.equal(records.anchor, 1);
  const { directory } = coordinator.config.log;
  const response = await readFile(join(directory, 'timestamps/1.tsr'));
  // The tree that was stamped is that of the charter alone.
  const entry = await readFile(join(directory, 'tile/0/000.p/1'));
  const root = parseHex(entry.toString('hex'), 32, 'root');
  const checkpoint = utf8(encodeCheckpoint({ origin: FEDERATION, size: 1n, root }));
  assert.match(tsa.verify(checkpoint, new Uint8Array(response)), /Verification: OK/);
  const changed = utf8(encodeCheckpoint({ origin: FEDERATION, size: 2n, root }));
  assert.throws(() => tsa.verify(changed, new Uint8Array(response)), /message imprint mismatch/);
});
