// What the three programs end with, as people and scripts have it: the same line, document and status for the same mistake.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import {
  encodeInvitation,
  EXIT,
  federationSchema,
  Invitation,
  siteIdSchema,
  type Digest,
} from '@blindsum/proto';
import { AUDITOR_HINTS, OPERATOR_HINTS, SITE_HINTS, type HintedCode } from '@blindsum/proto/command-line';

const PROGRAMS = { coordinator: 'coordinator', site: 'participant', audit: 'auditor' } as const;
type Program = keyof typeof PROGRAMS;

const folder = await mkdtemp(join(tmpdir(), 'bs-failures-'));
after(() => rm(folder, { recursive: true }));
const FEDERATION = 'test.example';
await writeFile(join(folder, 'wrong.yaml'), 'federation: test.example\nstateDirectory: s\nlisten: 7\n');
await writeFile(join(folder, 'idle.yaml'), 'federation: test.example\nstateDirectory: s\n');
const LISTEN = 'listen: { grpc: "127.0.0.1:0", http: "127.0.0.1:0" }';
await writeFile(
  join(folder, 'serving.yaml'),
  `federation: ${FEDERATION}\nstateDirectory: serving\n${LISTEN}\n`,
);
const SITE = `site: a\nfederation: ${FEDERATION}\nstateDirectory: s\ndata: { train: rows.csv }\n`;
await writeFile(join(folder, 'site.yaml'), `${SITE}network: { proxy: none }\n`);
await writeFile(join(folder, 'wrong-site.yaml'), `${SITE}polcy: {}\n`);

/** Of a coordinator that is nowhere: nothing listens at the port. */
const TOKEN = encodeInvitation(
  new Invitation(
    {
      coordinator: '127.0.0.1:1',
      authority: '00'.repeat(32) as Digest,
      federation: federationSchema.parse(FEDERATION),
      site: siteIdSchema.parse('a'),
      invitation: '00'.repeat(16),
    },
    new Uint8Array(32),
  ),
);

interface Mistake {
  readonly program: Program;
  readonly args: readonly string[];
  readonly code: HintedCode | 'USAGE';
  readonly detail: RegExp;
  readonly status: number;
}

const usage = (detail: RegExp) => ({ code: 'USAGE', detail, status: EXIT.usage }) as const;
const given = (detail: RegExp) => ({ code: 'CONFIG_INVALID', detail, status: EXIT.usage }) as const;
const silent = (detail: RegExp) => ({ code: 'UNAVAILABLE', detail, status: EXIT.unreachable }) as const;

const MISTAKES: readonly Mistake[] = [
  { program: 'coordinator', args: ['jobs', 'lisst'], ...usage(/^unknown command 'lisst'$/) },
  { program: 'site', args: ['jobs', 'lisst'], ...usage(/^unknown command 'lisst'$/) },
  { program: 'audit', args: ['fskc'], ...usage(/^unknown command 'fskc'$/) },
  { program: 'coordinator', args: ['serve', '--config', 'wrong.yaml'], ...given(/^wrong\.yaml: listen: /) },
  { program: 'site', args: ['status', '-c', 'wrong-site.yaml'], ...given(/^wrong-site\.yaml: .*polcy/) },
  { program: 'audit', args: ['round', '.', 'job', 'x'], ...given(/^x is not a round number$/) },
  { program: 'coordinator', args: ['status', '--config', 'idle.yaml'], ...silent(/^no coordinator answers/) },
  { program: 'site', args: ['enroll', TOKEN], ...silent(/127\.0\.0\.1:1/) },
  { program: 'audit', args: ['fsck', 'nowhere'], ...silent(/^cannot read nowhere: /) },
];

async function run(program: Program, args: readonly string[]) {
  const path = pathOf(program);
  try {
    return { status: 0, ...(await promisify(execFile)(path, args, { cwd: folder })) };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { status: code, stdout, stderr };
  }
}

function pathOf(program: Program): string {
  return join(import.meta.dirname, `../${PROGRAMS[program]}/bin/blindsum-${program}`);
}

for (const { program, args, code, detail, status } of MISTAKES)
  test(`blindsum-${program} ${args[0]}: ${code} is a line and a status, and a document with --json`, async () => {
    const plain = await run(program, args);
    assert.deepEqual([plain.status, plain.stdout], [status, '']);
    const line = `blindsum-${program}: ${code}: `;
    assert.ok(plain.stderr.startsWith(line), plain.stderr);
    assert.match(plain.stderr.slice(line.length, -1), detail);
    const json = await run(program, [...args, '--json']);
    assert.deepEqual([json.status, json.stderr], [status, plain.stderr]);
    const { error } = JSON.parse(json.stdout) as { error: Record<string, string> };
    assert.deepEqual(Object.keys(error), ['code', 'detail', 'hint']);
    assert.equal(`blindsum-${program}: ${error['code']}: ${error['detail']}\n`, json.stderr);
    assert.match(error['hint']!, /^[A-Z].*[.?]$/);
  });

test('what prints JSON lines ends with the document as its last one', async () => {
  const { stdout, status } = await run('site', ['run', '-c', 'nowhere.yaml', '--progress', 'json']);
  const { error } = JSON.parse(stdout) as { error: Record<string, string> };
  assert.deepEqual([error['code'], error['hint'], status], ['CONFIG_INVALID', SITE_HINTS.CONFIG_INVALID, 2]);
});

test('a coordinator that crashed ends its output with the document', async () => {
  const args = ['serve', '--config', 'serving.yaml', '--json'];
  const child = spawn(pathOf('coordinator'), args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit') as Promise<[number]>;
  const log = text(child.stderr);
  const lines: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    lines.push(line);
    // What no coordinator survives: its tables are taken away.
    if (lines.length === 1) dropTables(join(folder, 'serving/coordinator.sqlite'));
  }
  const [ready, crash] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual([ready!['federation'], lines.length, (await ended)[0]], [FEDERATION, 2, EXIT.failed]);
  const { code, detail } = crash!['error'] as Record<string, string>;
  assert.deepEqual([code, /no such table/.test(detail!)], ['INTERNAL', true]);
  assert.match(await log, /"event":"coordinator.crashed"/);
  assert.doesNotMatch(await log, /blindsum-coordinator: INTERNAL/);
});

function dropTables(path: string): void {
  const database = new DatabaseSync(path);
  database.exec('PRAGMA foreign_keys = OFF; PRAGMA busy_timeout = 5000');
  const found = database.prepare(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
  );
  for (const { name } of found.all()) database.exec(`DROP TABLE "${String(name)}"`);
  database.close();
}

const SCRIPT = '/usr/bin/script';

test(
  'on a terminal each says what to do, for whoever sits there',
  { skip: !existsSync(SCRIPT) },
  async () => {
    const words: [Program, string, string | null][] = [
      ['coordinator', 'serve --config wrong.yaml', OPERATOR_HINTS.CONFIG_INVALID],
      ['site', 'status -c wrong-site.yaml', SITE_HINTS.CONFIG_INVALID],
      ['audit', 'fsck nowhere', AUDITOR_HINTS.UNAVAILABLE],
      ['audit', 'fskc', 'Did you mean fsck?'],
    ];
    for (const [program, line, hint] of words) {
      const shown = execFile(SCRIPT, ['-qec', `${pathOf(program)} ${line}`, '/dev/null'], { cwd: folder });
      const lines = (await text(shown.stdout!)).split('\r\n');
      assert.match(lines[0]!, new RegExp(`^blindsum-${program}: [A-Z_]+: `));
      assert.deepEqual(lines.slice(1), [`hint: ${hint}`, '']);
    }
  },
);
