import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import type { Members } from '@blindsum/proto';
import { createNoteKey } from '@blindsum/proto/tlog';
import { toLogPolicy } from './log-policy.ts';
import { createWatchedLog } from './watched-log.fixture.ts';
import { measureLog, witnessingStatus } from './witnessing-status.ts';

const ok = { name: 'w1', state: 'ok', size: 2, cosignedMs: 5, reason: null } as const;

test('the status says what a quorum is, how far it has come, and how far behind each witness is', async () => {
  const { log, logKey, checkpoints } = await createWatchedLog();
  const key = createNoteKey('w1.example', new Uint8Array(32).fill(9), 'ed25519-cosignature');
  const roster = {
    members: [1, 2, 3].map((byte) => ({ signingKey: Buffer.alloc(32, byte).toString('hex') })),
  };
  const parts = { logKey, roster: roster as unknown as Members, standAlone: [{ name: 'w1', key }] };
  const policy = async () => toLogPolicy({ ...parts, rule: { standAlone: 1 } });
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
