// Completion as a person at a shell has it: the script is read by a real bash, which is asked what may follow.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { completionFor, toCommandTree, toCompletion, type CommandTree } from '@blindsum/proto/command-line';
import { createProgram as createAuditor } from '../auditor/src/main.ts';
import { createProgram as createCoordinator } from '../coordinator/src/main.ts';
import { createProgram as createSite } from '../participant/src/main.ts';

const PROGRAMS = [createCoordinator(), createSite(), createAuditor()].map(toCommandTree);
const folder = await mkdtemp(join(tmpdir(), 'bs-completion-'));
after(() => rm(folder, { recursive: true }));

/** What bash offers for the last word, as a set of lines that were typed so far. */
async function complete(program: CommandTree, typed: readonly (readonly string[])[]): Promise<string[][]> {
  const script = join(folder, `${program.name}.bash`);
  await writeFile(script, toCompletion(program, 'bash'));
  const name = `_${program.name.replaceAll('-', '_')}`;
  const asks = typed.map((words) => {
    const quoted = [program.name, ...words].map((word) => `'${word}'`).join(' ');
    return `COMP_WORDS=(${quoted}); COMP_CWORD=${words.length}; ${name}; echo "\${COMPREPLY[*]}"`;
  });
  const input = `set -eu\nsource ${script}\ncomplete -p ${program.name} >/dev/null\n${asks.join('\n')}\n`;
  const out = execFileSync('bash', ['--norc'], { input, encoding: 'utf8', cwd: folder });
  return out
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split(' ').filter((word) => word !== ''));
}

function everyPath(tree: CommandTree, path: readonly string[] = []): [string[], CommandTree][] {
  return [
    [[...path], tree],
    ...tree.commands.flatMap((command) => everyPath(command, [...path, command.name])),
  ];
}

for (const program of PROGRAMS) {
  test(`bash offers every command and option of ${program.name}, at its place and no other`, async () => {
    const places = everyPath(program);
    const offered = await complete(
      program,
      places.map(([path]) => [...path, '']),
    );
    assert.equal(offered.length, places.length);
    for (const [i, [path, tree]] of places.entries()) {
      const names = tree.commands.flatMap(({ name, aliases }) => [name, ...aliases]);
      const flags = tree.options.flatMap((option) => option.flags);
      assert.deepEqual(offered[i]!.toSorted(), [...names, ...flags, '--help'].toSorted(), path.join(' '));
    }
  });
}

test('a word that was begun is completed, also after options; fixed values and files are offered after theirs', async () => {
  await writeFile(join(folder, 'coordinator.yaml'), '');
  const [coordinator] = PROGRAMS as [CommandTree];
  const offered = await complete(coordinator, [
    ['jobs', 'w'],
    ['--json', 'jobs', 'wa'],
    ['revoke', 'hospital-a', '--reason', 'key'],
    ['serve', '--config', 'coord'],
    ['jobs', 'watch', 'x', '--jso'],
  ]);
  assert.deepEqual(offered, [['watch'], ['watch'], ['key-compromise'], ['coordinator.yaml'], ['--json']]);
});

test('the scripts for zsh and fish name every command; another shell is refused', () => {
  for (const program of PROGRAMS) {
    const [zsh, fish] = [toCompletion(program, 'zsh'), toCompletion(program, 'fish')];
    for (const { name } of program.commands) {
      assert.ok(zsh.includes(name), name);
      assert.match(fish, new RegExp(`-f -a ${name} -d `));
    }
    assert.throws(() => toCompletion(program, 'csh'), { code: 'CONFIG_INVALID' });
  }
});

test('completion prints a script or the commands as JSON, and is refused both at once and neither', () => {
  const program = createSite();
  const tree = toCommandTree(program);
  assert.equal(completionFor(program, { shell: 'bash', json: undefined }), toCompletion(tree, 'bash'));
  const printed = completionFor(program, { shell: undefined, json: true });
  assert.deepEqual(JSON.parse(printed), JSON.parse(JSON.stringify(tree)));
  for (const wrong of [
    { shell: 'bash', json: true },
    { shell: undefined, json: undefined },
  ])
    assert.throws(() => completionFor(program, wrong), { code: 'CONFIG_INVALID' });
});
