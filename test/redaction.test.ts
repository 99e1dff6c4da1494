// An operator erases a record of a running coordinator; an auditor of the log sees that, why, and nothing wrong.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { encodeSiteRequest } from '@blindsum/proto';
import { openFolderLogReader } from '../auditor/src/folder-log-reader.ts';
import { fsck } from '../auditor/src/fsck.ts';
import { redact } from '../coordinator/src/commands/log.ts';
import { admit } from '../coordinator/src/commands/operator.ts';
import {
  createSiteRequest,
  FEDERATION,
  startTestCoordinator,
} from '../coordinator/src/federation.fixture.ts';

const REASON = 'asked for by hospital-a';
let coordinator: Awaited<ReturnType<typeof startTestCoordinator>>;
let folder: string;
let config: string;
const lines: string[] = [];
const output = { json: false, print: (line: string) => void lines.push(line) };

before(async () => {
  coordinator = await startTestCoordinator();
  folder = await mkdtemp(join(tmpdir(), 'bs-redaction-'));
  config = join(folder, 'coordinator.yaml');
  const { stateDirectory } = coordinator.config;
  await writeFile(config, `federation: ${FEDERATION}\nstateDirectory: ${stateDirectory}\n`);
  const { request } = await createSiteRequest('hospital-a');
  const files = { request: join(folder, 'a.json'), grant: join(folder, 'grant.json') };
  await writeFile(files.request, encodeSiteRequest(request));
  await admit(config, files, output);
});

after(async () => {
  await coordinator.remove();
  await rm(folder, { recursive: true });
});

/** The log's records by kind. */
async function recordsOf(kind: string): Promise<string[]> {
  const { directory } = coordinator.config.log;
  const reader = await openFolderLogReader(directory);
  const found: string[] = [];
  for (const file of await readdir(join(directory, 'records'))) {
    const body = Buffer.from((await reader.read(`records/${file}`))!).toString();
    const { payload } = JSON.parse(body) as { payload: string };
    if (Buffer.from(payload, 'base64').includes(`/attestation/${kind}/v1`)) found.push(file.slice(0, 64));
  }
  return found;
}

test('a record is erased, and fsck says which, why, and what it leaves open', async () => {
  const [record] = await recordsOf('certificate');
  await redact(config, { record: record!, reason: REASON }, output);
  await redact(config, { record: record!, reason: 'again' }, output);
  assert.match(lines.at(-1)!, /^erased the body of record [0-9a-f]{64}; entry 2 of the log says so/);
  assert.deepEqual(await recordsOf('certificate'), []);
  const report = await fsck(await openFolderLogReader(coordinator.config.log.directory));
  assert.deepEqual(report.findings, []);
  assert.partialDeepStrictEqual(report.erased, [
    { entry: 1, record, kind: 'certificate', job: '', reason: REASON },
  ]);
});

test('what is not a record, no record of the log, or one that the log rests on is refused', async () => {
  const [charter] = await recordsOf('charter');
  const ask = (record: string, reason = REASON) => redact(config, { record, reason }, output);
  await assert.rejects(ask('charter'), { code: 'MALFORMED' });
  await assert.rejects(ask('ab'.repeat(32)), { code: 'NOT_FOUND' });
  await assert.rejects(ask(charter!), { code: 'NOT_ALLOWED', message: /charter is never erased/ });
  await assert.rejects(ask(charter!, 'two\nlines'), { code: 'MALFORMED' });
});
