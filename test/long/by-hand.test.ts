// Pastes the commands of the README's section "By hand" into four shells, as a reader would.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { findFreePorts } from '../../scripts/demonstration/free-ports.ts';
import { PastedShell, readBlocks } from '../fixtures/pasted-shells.ts';

const ROOT = join(import.meta.dirname, '../..');
const HOSPITALS = ['hospital-a', 'hospital-b', 'hospital-c'];
const DEADLINE_MS = 200_000;

interface Step {
  readonly terminals: 'all' | 'operator' | 'hospitals';
  readonly commands: string;
}

const TERMINALS: Readonly<Record<string, Step['terminals']>> = {
  'All four terminals': 'all',
  'Terminal 1': 'operator',
  'Terminals 2 to 4': 'hospitals',
};

/** Shell blocks of the section, each with the bold words before it that say which terminals it is for. */
function readSteps(readme: string): Step[] {
  const section = /\n## By hand[^\n]*\n(.*?)\n## /s.exec(readme)?.[1] ?? '';
  return readBlocks(section).map(({ who, commands }) => {
    const terminals = TERMINALS[who];
    assert.ok(terminals, `README: "${who}" is no terminal`);
    return { terminals, commands };
  });
}

/** What a reader's checkout looks like, with free ports and one round. */
async function createCheckout(): Promise<{ folder: string; httpPort: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'blindsum-by-hand-'));
  for (const name of ['coordinator', 'participant', 'auditor'])
    await symlink(join(ROOT, name), join(folder, name));
  await cp(join(ROOT, 'examples/breast-cancer'), join(folder, 'examples/breast-cancer'), { recursive: true });
  const [grpc = 0, httpPort = 0] = await findFreePorts(2);
  await edit(join(folder, 'examples/breast-cancer/coordinator.yaml'), [
    [':7443\n  #', `:${grpc}\n  #`],
    [':7480', `:${httpPort}`],
  ]);
  await edit(join(folder, 'examples/breast-cancer/job.yaml'), [['rounds: 10', 'rounds: 1']]);
  return { folder, httpPort };
}

async function edit(path: string, changes: readonly [string, string][]): Promise<void> {
  let text = await readFile(path, 'utf8');
  for (const [before, changed] of changes) {
    assert.ok(text.includes(before), `${path} has no ${before}`);
    text = text.replace(before, changed);
  }
  await writeFile(path, text);
}

/** What anybody gets over HTTP is the model of the hospitals, and the digest in it is that of the log. */
async function verifyReleased(folder: string, port: number): Promise<void> {
  const authority = await readFile(join(folder, 'federation/state/coordinator/identity/authority.pem'));
  const get = (path: string) =>
    new Promise<Buffer>((resolve, reject) => {
      https
        .get({ host: '127.0.0.1', port, path, ca: authority, servername: 'localhost' }, (answer) => {
          assert.equal(answer.statusCode, 200, path);
          buffer(answer).then(resolve, reject);
        })
        .on('error', reject);
    });
  const served = await get('/models/breast-cancer/2/model.bin');
  const own = await readFile(join(folder, 'federation/state/hospital-a/models/breast-cancer/final.bin'));
  assert.deepEqual(served, own);
  const fileDigest = createHash('sha256').update(served).digest('hex');
  const { dsseEnvelope } = JSON.parse(
    (await get('/models/breast-cancer/2/provenance.sigstore.json')).toString(),
  ) as { dsseEnvelope: { payload: string } };
  const record = Buffer.from(dsseEnvelope.payload, 'base64').toString();
  assert.ok(record.includes(`"fileDigest":"${fileDigest}"`));
  assert.match(
    (await get('/models/breast-cancer/2/README.md')).toString(),
    /^# Model of round 2 of job breast/,
  );
}

test('the commands of the README bring three hospitals to one model', { timeout: DEADLINE_MS }, async () => {
  const steps = readSteps(await readFile(join(ROOT, 'README.md'), 'utf8'));
  assert.equal(steps.length, 9);
  const { folder, httpPort } = await createCheckout();
  const operator = new PastedShell(folder);
  const hospitals = HOSPITALS.map((name) => ({ name, terminal: new PastedShell(folder) }));
  after(async () => {
    for (const terminal of [operator, ...hospitals.map(({ terminal }) => terminal)]) terminal.close();
    await rm(folder, { recursive: true, force: true });
  });
  // A hospital's last command ends with the job, which the operator submits after it.
  let pending: Promise<string>[] = [];
  let printed = '';
  for (const { terminals, commands } of steps) {
    const isLast = commands.includes('blindsum-site run');
    if (commands.includes('blindsum-audit')) await Promise.all(pending);
    const started = [
      ...(terminals === 'hospitals' ? [] : [operator.paste(commands.replace(':7480', `:${httpPort}`))]),
      ...(terminals === 'operator'
        ? []
        : hospitals.map(({ name, terminal }) =>
            terminal.paste(commands.replace('hospital=hospital-a', `hospital=${name}`)),
          )),
    ];
    if (isLast) pending = started;
    else printed = (await Promise.all(started)).join('');
    if (commands.includes('release vote')) await verifyReleased(folder, httpPort);
  }
  assert.match(printed, /^OK: the log hospitals\.example is intact/m);
  assert.match(printed, /^VERIFIED: /m);
  // Statistics, one round of training and evaluation.
  const included = /VERIFIED: the contribution is in the set of the round/g;
  for (const text of await Promise.all(pending)) assert.equal(text.match(included)?.length, 3, text);
  const models = (await Promise.all(pending)).map(
    (text) => /is finished, model ([0-9a-f]{64})/.exec(text)?.[1],
  );
  assert.deepEqual(new Set(models).size, 1);
  assert.ok(models[0] !== undefined);
  const final = HOSPITALS.map((name) =>
    readFile(join(folder, 'federation/state', name, 'models/breast-cancer/final.bin')),
  );
  const [first, ...others] = await Promise.all(final);
  for (const other of others) assert.deepEqual(other, first);
});
