import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { sha256, toHex, utf8 } from '@blindsum/proto';
import { appendEntry, createLogState } from './log-state.ts';

interface GoldenLog {
  readonly entries: readonly string[];
  readonly files: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>;
}

test('entry by entry, the files to write before each checkpoint are those that Tessera wrote', () => {
  const { entries, files } = JSON.parse(
    readFileSync(new URL('../../../test/vectors/tlog/golden-log.json', import.meta.url), 'utf8'),
  ) as GoldenLog;
  let state = createLogState();
  entries.forEach((entry, i) => {
    const step = appendEntry(state, utf8(entry));
    const paths = step.files.map(([path]) => path);
    assert.deepEqual(paths, [`tile/entries/000.p/${i + 1}`, `tile/0/000.p/${i + 1}`]);
    for (const [path, bytes] of step.files)
      assert.deepEqual({ bytes: bytes.length, sha256: toHex(sha256(bytes)) }, files[path], path);
    state = step.state;
  });
});
