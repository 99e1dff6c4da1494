import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import { createNoteKey, encodeVkey, toLogPolicy } from '@blindsum/proto/tlog';
import { createWatchedLog } from './watched-log.fixture.ts';
import { measureLog, witnessingStatus } from './witnessing-status.ts';

const ok = { name: 'w1', state: 'ok', size: 2, cosignedMs: 5, reason: null } as const;

test('the status says what a quorum is, how far it has come, and how far behind each witness is', async () => {
  const { log, logKey, checkpoints } = await createWatchedLog();
  const key = createNoteKey('w1.example', new Uint8Array(32).fill(9), 'ed25519-cosignature');
  const members = [1, 2, 3].map((byte) => ({ signingKey: Buffer.alloc(32, byte).toString('hex') }));
  const standAlone = [{ name: 'w1', vkey: encodeVkey(key) }];
  const rule = { members: 'roster-quorum', standAlone, standAloneQuorum: 1 } as const;
  const policy = async () => toLogPolicy({ logKey, members, rule });
  const status = await witnessingStatus({ log, checkpoints, policy, drivers: [{ status: ok }] });
  assert.deepEqual(status, {
    cosignedSize: 0,
    quorum: [
      { group: 'members', threshold: 2, of: 3 },
      { group: 'stand-alone', threshold: 1, of: 1 },
    ],
    witnesses: [{ ...ok, lag: 1 }],
  });
});

test('Prometheus is told how large the log is, and how many entries a witness has not cosigned', async () => {
  const { log, checkpoints } = await createWatchedLog();
  const registry = new Registry();
  measureLog(registry, { log, checkpoints, drivers: [{ status: { ...ok, size: 0 } }] });
  const text = await registry.metrics();
  assert.match(text, /^blindsum_witness_lag_entries\{witness="w1"\} 3$/m);
  assert.match(text, /^blindsum_log_entries 3$/m);
  assert.match(text, /^blindsum_log_cosigned_entries 0$/m);
  assert.match(text, /^blindsum_log_stopped 0$/m);
});
