// Pastes docs/getting-started.md into the shells of three machines, each a folder with a home of its own.
import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { findFreePorts } from '../../scripts/demonstration/free-ports.ts';
import { PastedShell, readBlocks, type Block } from '../fixtures/pasted-shells.ts';

const ROOT = join(import.meta.dirname, '../..');
const HOSPITALS = ['hospital-a', 'hospital-b', 'hospital-c'];
const DEADLINE_MS = 200_000;

type Place = 'all' | 'operator' | 'hospitals';

const PLACES: Readonly<Record<string, Place>> = {
  'Every shell': 'all',
  'Machine 1, the operator': 'operator',
  'Machines 1 to 3, the hospitals': 'hospitals',
};

function placeOf({ who }: Block): Place {
  const place = PLACES[who];
  assert.ok(place, `getting-started.md: "${who}" is no shell`);
  return place;
}

/** What a checkout looks like, with one round. */
async function createCheckout(folder: string): Promise<string> {
  const checkout = join(folder, 'blindsum');
  await mkdir(checkout);
  for (const name of ['coordinator', 'participant', 'auditor'])
    await symlink(join(ROOT, name), join(checkout, name));
  await cp(join(ROOT, 'examples/breast-cancer'), join(checkout, 'examples/breast-cancer'), {
    recursive: true,
  });
  const job = join(checkout, 'examples/breast-cancer/job.yaml');
  const text = await readFile(job, 'utf8');
  assert.ok(text.includes('rounds: 10\n'));
  await writeFile(job, text.replace('rounds: 10\n', 'rounds: 1\n'));
  return checkout;
}

test(
  'the blocks of docs/getting-started.md bring three machines to one model',
  { timeout: DEADLINE_MS },
  async () => {
    const blocks = readBlocks(await readFile(join(ROOT, 'docs/getting-started.md'), 'utf8'));
    assert.equal(blocks.length, 10);
    const folder = await mkdtemp(join(tmpdir(), 'bs-start-'));
    const checkout = await createCheckout(folder);
    const carried = join(folder, 'carried');
    await mkdir(carried);
    const homes = HOSPITALS.map((_, i) => join(folder, `machine-${i + 1}`));
    for (const home of homes) await mkdir(home);
    const operator = new PastedShell(checkout, homes[0]);
    const hospitals = HOSPITALS.map((name, i) => ({ name, shell: new PastedShell(checkout, homes[i]) }));
    after(async () => {
      for (const shell of [operator, ...hospitals.map(({ shell }) => shell)]) shell.close();
      await rm(folder, { recursive: true, force: true });
    });
    const [grpc = 0, http = 0] = await findFreePorts(2);
    // The names and ports of this machine, in the place of those of the text.
    const localised = (commands: string) =>
      commands
        .replaceAll('/mnt/carried', carried)
        .replaceAll('coordinator.hospitals.example:7443', `127.0.0.1:${grpc} --listen-http 127.0.0.1:${http}`)
        .replaceAll('127.0.0.1:7480', `127.0.0.1:${http}`);
    let running: Promise<string>[] = [];
    let shown = '';
    for (const block of blocks) {
      const place = placeOf(block);
      const commands = localised(block.commands);
      const pasted = [
        ...(place === 'hospitals' ? [] : [operator.paste(commands)]),
        ...(place === 'operator'
          ? []
          : hospitals.map(({ name, shell }) =>
              shell.paste(commands.replace('hospital=hospital-a', `hospital=${name}`)),
            )),
      ];
      if (commands.includes('blindsum-site run')) running = pasted;
      else shown += (await Promise.all(pasted)).join('');
    }
    assert.match(shown, /^job breast-cancer: finished$/m);
    assert.match(shown, /^2 +1 +evaluation +published /m);
    assert.match(shown, /^breast-cancer +1 +1 +training +contributed /m);
    assert.match(shown, /^kept +[0-9.]+ [KM]iB$/m);
    assert.match(shown, /^OK: the log hospitals\.example is intact/m);
    // Those of doctor, on both sides.
    assert.equal(shown.match(/^\d+ checks: 0 failed/gm)?.length, 1 + 1 + HOSPITALS.length);
    const models = (await Promise.all(running)).map(
      (text) => /is finished, model ([0-9a-f]{64})/.exec(text)?.[1],
    );
    assert.ok(models[0] !== undefined && new Set(models).size === 1, models.join(' '));
  },
);
