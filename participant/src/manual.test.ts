// docs/site.md names what the program has: settings, commands and files, no more and no less.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { settingsOf } from '../../test/fixtures/settings.ts';
import { configFormat } from './config.ts';

const root = new URL('../../', import.meta.url);
const manual = await readFile(new URL('docs/site.md', root), 'utf8');

const SETTINGS = [...settingsOf(configFormat).keys()];

function section(title: string): string {
  const start = manual.indexOf(`\n## ${title}\n`);
  assert.ok(start > 0, title);
  const end = manual.indexOf('\n## ', start + 1);
  return manual.slice(start, end < 0 ? undefined : end);
}

/** What stands in backquotes in the first cells of a section's table. */
function firstCells(title: string): string[] {
  const rows = section(title).match(/^\| (?:\\\||[^|])+ \|/gm) ?? [];
  return rows.flatMap((row) => [...row.matchAll(/`([^`]+)`/g)].map((match) => match[1]!));
}

test('every setting of site.yaml is in the manual with its danger, and every one in the manual exists', () => {
  assert.ok(SETTINGS.length > 20);
  assert.ok(SETTINGS.includes('keys.from.tls') && SETTINGS.includes('data.holdout.seed'));
  assert.deepEqual(firstCells('Settings').toSorted(), SETTINGS.toSorted());
  const rows = section('Settings').match(/^\| `.*\|$/gm) ?? [];
  for (const row of rows) assert.ok(row.split(' | ').at(-1)!.length > 40, row);
});

test('every command is in the manual, and every one in the manual exists', async () => {
  const program = fileURLToPath(new URL('participant/bin/blindsum-site', root));
  const help = async (...path: string[]) => {
    const { stdout } = await promisify(execFile)(program, [...path, '--help']);
    const list = stdout.slice(stdout.indexOf('\nCommands:'));
    return stdout.includes('\nCommands:')
      ? [...list.matchAll(/^ {2}([a-z-]+)/gm)].map((match) => match[1]!)
      : [];
  };
  const top = (await help()).filter((name) => name !== 'help');
  const groups = await Promise.all(
    top.map(async (name) => {
      const inner = GROUPS.has(name) ? (await help(name)).filter((one) => one !== 'help') : [];
      return inner.length === 0 ? [name] : inner.map((one) => `${name} ${one}`);
    }),
  );
  const named = firstCells('Commands').map((text) => text.match(/^[a-z-]+(?: [a-z]+(?![A-Z[]))?/)![0]);
  const commands = named.map((text) => (GROUPS.has(text.split(' ')[0]!) ? text : text.split(' ')[0]!));
  assert.deepEqual(commands.toSorted(), groups.flat().toSorted());
});

const GROUPS: ReadonlySet<string> = new Set(['jobs', 'roster', 'log', 'receipts', 'models', 'release']);

test('every event of the log that is no step of a round is in the manual', async () => {
  const folder = new URL('./', import.meta.url);
  const files = (await readdir(folder, { recursive: true })).filter((path) => /(?<!\.test)\.ts$/.test(path));
  const sources = await Promise.all(files.map((path) => readFile(new URL(path, folder), 'utf8')));
  const ours = /'((?:certificate|page)\.[a-z-]+)'/g;
  const logged = sources.flatMap((text) => [...text.matchAll(ours)].map((match) => match[1]!));
  const named = [...section('Log lines').matchAll(/`((?:certificate|page)\.[a-z-]+)`/g)].map(
    (match) => match[1]!,
  );
  const isEvent = (name: string) => !/\.(?:css|js)$/.test(name);
  assert.deepEqual(named.toSorted(), [...new Set(logged.filter(isEvent))].toSorted());
});
