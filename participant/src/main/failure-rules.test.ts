import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FAILURE_RULES } from './failure-rules.ts';

test('JSON is asked for by --json and by progress as JSON, before what ends the options', () => {
  const asks = (line: string) => FAILURE_RULES.asksForJson!(line.split(' '));
  const lines = ['run --json', 'run --progress json', 'run -c a --progress=json', '--json jobs'];
  for (const line of lines) assert.equal(asks(line), true, line);
  for (const line of [
    'run --progress text',
    'json',
    'jobs show -- --json',
    'run --progress',
    'run -- --progress=json',
  ])
    assert.equal(asks(line), false, line);
});
