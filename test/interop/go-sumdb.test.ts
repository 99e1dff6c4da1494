// golang.org/x/mod's sumdb packages read the logs that we write: somebody else's code, which knows nothing of this project.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { utf8, type Bytes } from '@blindsum/proto';
import { signCheckpoint } from '@blindsum/proto/tlog';
import { createLargeLog } from '../../coordinator/src/log/large-log.fixture.ts';
import { createLogKeys } from '../../coordinator/src/log/log-keys.ts';
import { createMemoryLogStore } from '../../coordinator/src/log/memory-log-store.ts';
import { openSequencer } from '../../coordinator/src/log/sequencer.ts';
import { incidentOf } from '../../coordinator/src/log/log-store.contract.ts';
import { buildCheckLog, isGoAbsent } from './go-program.ts';

const ORIGIN = 'log.example.org';
const KEYS = createLogKeys(ORIGIN, new Uint8Array(32).fill(7));
/** Sizes at which the coordinator's own sequencer is stopped. */
const SIZES = [1, 255, 256, 257, 600];
const LARGE = 66_000;
const WRITES_LONG = 600_000;

let root = '';
let program: Awaited<ReturnType<typeof buildCheckLog>>;
const folderOf = (size: number) => join(root, String(size));
const options = { skip: isGoAbsent, timeout: WRITES_LONG };

before(async () => {
  if (isGoAbsent) return;
  root = await mkdtemp(join(tmpdir(), 'blindsum-interop-'));
  program = await buildCheckLog();
  await writeSequencedLogs();
  await writeLog(folderOf(LARGE), createLargeLog(KEYS, largeEntries()));
}, options);

after(async () => {
  if (isGoAbsent) return;
  await program.remove();
  await rm(root, { recursive: true, force: true });
});

/** Logs as the coordinator's sequencer writes them, record by record, copied at each of SIZES. */
async function writeSequencedLogs(): Promise<void> {
  const files = new Map<string, Bytes>();
  const log = await openSequencer(createMemoryLogStore(files), KEYS);
  for (let round = 0; ; round++) {
    const { size } = log.latest();
    if (SIZES.includes(size)) await writeLog(folderOf(size), files);
    if (size === SIZES.at(-1)) return;
    await log.append(incidentOf(round));
  }
}

function* largeEntries(): Generator<Bytes> {
  for (let i = 0; i < LARGE; i++) yield utf8(`entry ${i}`);
}

async function writeLog(folder: string, files: ReadonlyMap<string, Bytes>): Promise<void> {
  for (const [path, bytes] of files) {
    if (!/^(tile\/|checkpoint$|log\.vkey$)/.test(path)) continue;
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
}

SIZES.forEach((size, i) => {
  const older = SIZES[i - 1];
  test(
    `Go proves every entry of a log of ${size}${older ? `, and that it extends the one of ${older}` : ''}`,
    options,
    async () => {
      const { output } = await program.check(
        folderOf(size),
        ...(older ? [join(folderOf(older), 'checkpoint')] : []),
      );
      const extends_ = older ? `extends ${older}; ` : '';
      assert.equal(output, `${extends_}${size} entries, ${size} inclusion proofs`);
    },
  );
});

test(`Go proves every entry of a log of ${LARGE}`, options, async () => {
  const { output } = await program.check(folderOf(LARGE), '', '97');
  assert.equal(output, `${LARGE} entries, ${Math.ceil(LARGE / 97)} inclusion proofs`);
});

const FLIPS = [
  'checkpoint',
  'log.vkey',
  'tile/0/000',
  'tile/0/002.p/88',
  'tile/1/000.p/2',
  'tile/entries/001',
];

for (const path of FLIPS) {
  test(`Go refuses a log of 600 with one bit of ${path} flipped`, options, async () => {
    const file = join(folderOf(600), path);
    const bytes = await readFile(file);
    await writeFile(
      file,
      Uint8Array.from(bytes, (byte, i) => (i === bytes.length - 20 ? byte ^ 1 : byte)),
    );
    const { ok, output } = await program.check(folderOf(600)).finally(() => writeFile(file, bytes));
    assert.equal(ok, false, output);
  });
}

test('Go refuses a log as the extension of a fork of it', options, async () => {
  const { key, sign } = KEYS.checkpoint;
  const fork = signCheckpoint({ origin: ORIGIN, size: 257n, root: new Uint8Array(32).fill(1) }, key, sign);
  const path = join(root, 'fork');
  await writeFile(path, fork);
  assert.deepEqual(await program.check(folderOf(600), path), {
    ok: false,
    output: 'invalid transparency proof',
  });
});
