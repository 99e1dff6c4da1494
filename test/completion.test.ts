// Completion as a person at a shell has it: the script is read by a real bash, fish or zsh, which is asked what may follow.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
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
  const input = `set -u\nsource ${script}\ncomplete -p ${program.name} >/dev/null\n${asks.join('\n')}\n`;
  const out = execFileSync('bash', ['--norc'], { input, encoding: 'utf8', cwd: folder });
  return out
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split(' ').filter((word) => word !== ''));
}

/** The same of fish: without what it says about each. */
async function completeInFish(
  program: CommandTree,
  typed: readonly (readonly string[])[],
): Promise<string[][]> {
  const script = join(folder, `${program.name}.fish`);
  await writeFile(script, toCompletion(program, 'fish'));
  const asks = typed.map((words) => `complete -C '${[program.name, ...words].join(' ')}'; echo =`);
  const input = `source ${script}\n${asks.join('\n')}\n`;
  const { stdout, stderr } = spawnSync('fish', ['--no-config', '-c', input], {
    encoding: 'utf8',
    cwd: folder,
  });
  assert.equal(stderr, '');
  return stdout
    .split('=\n')
    .slice(0, -1)
    .map((lines) => lines.split('\n').flatMap((line) => (line === '' ? [] : [line.split('\t')[0]!.trim()])));
}

/** What a line becomes in zsh, once the tabulator is pressed. */
async function completeInZsh(program: CommandTree, lines: readonly string[]): Promise<string[]> {
  await writeFile(join(folder, `_${program.name}`), toCompletion(program, 'zsh'));
  const input = `
zmodload zsh/zpty
zpty z 'zsh -f -i'
zpty -w z 'PROMPT= RPROMPT=; unsetopt prompt_sp prompt_cr; setopt no_beep no_auto_menu; source ./_${program.name}'
zpty -w z 'show() { print -r -- "<""<$BUFFER>"">"; BUFFER= }; zle -N show; bindkey "^G" show; print REA""DY'
zpty -r z out '*READY*'
for line in ${lines.map((line) => `'${line}'`).join(' ')}; do
  zpty -w -n z "$line"$'\\t'$'\\a'
  zpty -r z out '*<<*>>*'
  print -r -- "\${\${out##*<<}%%>>*}"
done
zpty -d z
`;
  const { stdout } = spawnSync('zsh', ['-f', '-c', input], {
    encoding: 'utf8',
    cwd: folder,
    timeout: 60_000,
  });
  return stdout.split('\n').slice(0, -1);
}

function skipWithout(shell: string): string | false {
  return spawnSync(shell, ['--version']).status === 0 ? false : `${shell} is not installed`;
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
    ['cancel', 'x', '--reason', 'key'],
    ['jobs', 'watch', 'x', '--jso'],
  ]);
  const [fixed, free] = [['key-compromise'], []];
  assert.deepEqual(offered, [['watch'], ['watch'], fixed, ['coordinator.yaml'], free, ['--json']]);
});

for (const program of PROGRAMS)
  test(`fish offers what bash does of ${program.name}`, { skip: skipWithout('fish') }, async () => {
    const places = everyPath(program).filter(([, { commands }]) => commands.length > 0);
    const offered = await completeInFish(
      program,
      places.flatMap(([path]) => [
        [...path, ''],
        [...path, '-'],
      ]),
    );
    for (const [i, [path, tree]] of places.entries()) {
      const names = tree.commands.flatMap(({ name, aliases }) => [name, ...aliases]);
      const flags = tree.options.flatMap((option) => option.flags);
      assert.deepEqual(offered[2 * i]!.toSorted(), names.toSorted(), path.join(' '));
      assert.deepEqual(offered[2 * i + 1]!.toSorted(), [...flags, '--help'].toSorted(), path.join(' '));
    }
  });

test(
  'fish completes options, fixed values and files at their place',
  { skip: skipWithout('fish') },
  async () => {
    await writeFile(join(folder, 'coordinator.yaml'), '');
    const [coordinator] = PROGRAMS as [CommandTree];
    const offered = await completeInFish(coordinator, [
      ['--json', 'jobs', 'wa'],
      ['revoke', 'hospital-a', '--reason', 'key'],
      ['serve', '--config', 'coordinator.y'],
      ['sites', 'show', 'x', '--jso'],
    ]);
    assert.deepEqual(offered, [['watch'], ['key-compromise'], ['coordinator.yaml'], ['--json']]);
  },
);

test('zsh completes words, options, fixed values and files', { skip: skipWithout('zsh') }, async () => {
  await writeFile(join(folder, 'coordinator.yaml'), '');
  const [coordinator, site] = PROGRAMS as [CommandTree, CommandTree];
  assert.deepEqual(
    await completeInZsh(coordinator, [
      'blindsum-coordinator jobs wa',
      'blindsum-coordinator --json jobs wa',
      'blindsum-coordinator revoke x --reason key',
      'blindsum-coordinator serve --config coordinator.y',
    ]).then((lines) => lines.map((line) => line.trimEnd())),
    [
      'blindsum-coordinator jobs watch',
      'blindsum-coordinator --json jobs watch',
      'blindsum-coordinator revoke x --reason key-compromise',
      'blindsum-coordinator serve --config coordinator.yaml',
    ],
  );
  assert.deepEqual(await completeInZsh(site, ['blindsum-site jobs with']), ['blindsum-site jobs withdraw']);
});

test('another shell is refused', () => {
  for (const program of PROGRAMS)
    assert.throws(() => toCompletion(program, 'csh'), { code: 'CONFIG_INVALID' });
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
