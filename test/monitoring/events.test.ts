// docs/events.md names the events that the programs log, no more and no less; and what a log must not hold is not in it.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { pino } from 'pino';
import { REDACTED } from '@blindsum/proto/node';
import { ROOT } from '../deploy/files.ts';

const manual = await readFile(join(ROOT, 'docs/events.md'), 'utf8');

/** Below a heading, the names in the first column. */
function documented(heading: string): string[] {
  const section = manual.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((line) => [...line.split('|')[1]!.matchAll(/`([a-z.-]+)`/g)].map(([, name]) => name!))
    .toSorted();
}

/** In the sources of a program: `event: 'name'`, or a choice of names. */
async function logged(folder: string): Promise<string[]> {
  const path = join(ROOT, folder);
  const files = (await readdir(path, { recursive: true })).filter((file) =>
    /(?<!\.test|\.fixture)\.ts$/.test(file),
  );
  const sources = await Promise.all(files.map((file) => readFile(join(path, file), 'utf8')));
  const names = sources
    .flatMap((text) => [...text.matchAll(/\bevent:((?:\s*(?:\||[a-zA-Z. =]+\?|:)?\s*'[a-z.-]+')+)/g)])
    .flatMap(([, choice]) => [...choice!.matchAll(/'([a-z.-]+)'/g)].map(([, name]) => name!));
  return [...new Set(names)].toSorted();
}

test('every event of the coordinator is in the manual, and every one in the manual is logged', async () => {
  const all = await logged('coordinator/src');
  // `revoked` is a word in the record of a certificate.
  assert.deepEqual(
    documented('The coordinator'),
    all.filter((name) => name.includes('.')),
  );
});

test('every event of a site is in the manual, and every one in the manual is logged', async () => {
  assert.deepEqual(documented('The agent of a site'), await logged('participant/src'));
});

test('what has the name of a secret is not written, wherever it is in a line', () => {
  const lines: string[] = [];
  const log = pino({ redact: REDACTED }, { write: (line) => void lines.push(line) });
  const error = Object.assign(new Error('no'), { token: 's3cret', request: { authorization: 's3cret' } });
  log.error({ event: 'x', err: error, passphrase: 's3cret', options: { headers: { a: 's3cret' } } });
  assert.equal(lines.length, 1);
  assert.ok(!lines[0]!.includes('s3cret'), lines[0]);
  assert.match(lines[0]!, /"event":"x"/);
  assert.match(lines[0]!, /\[redacted\]/);
});
