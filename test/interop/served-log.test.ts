// What the coordinator serves of its log, read over HTTP by other people's programs.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { bundleFromJSON } from '@sigstore/bundle';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import Fastify from 'fastify';
import { pino } from 'pino';
import { parseBundle } from '@blindsum/proto/provenance';
import { parseLeaf } from '@blindsum/proto/tlog';
import { serveLogFiles } from '../../coordinator/src/http/log-files.ts';
import { answerWithProblems } from '../../coordinator/src/http/problem.ts';
import { cosign, createWatchedLog, toLines } from '../../coordinator/src/witnessing/watched-log.fixture.ts';
import { buildCheckLog, isGoAbsent } from './go-program.ts';

const app = Fastify();
const folder = await mkdtemp(join(tmpdir(), 'bs-served-'));
let address = '';

before(async () => {
  const { checkpoints, stored, openDocument } = await createWatchedLog();
  const { note } = await checkpoints.published();
  for (const member of [0, 1, 2]) await checkpoints.add(3, toLines(cosign(note, member)));
  for (const [path, bytes] of stored) await writeFileAt(join(folder, 'log', path), bytes);
  answerWithProblems(app, pino({ level: 'silent' }));
  serveLogFiles(app, join(folder, 'log'), openDocument);
  address = `${await app.listen({ host: '127.0.0.1', port: 0 })}/log/`;
});

after(async () => {
  await app.close();
  await rm(folder, { recursive: true });
});

async function writeFileAt(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
}

async function read(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(new URL(path, address));
  assert.equal(response.status, 200, path);
  return new Uint8Array(await response.arrayBuffer());
}
const readJson = async (path: string) => JSON.parse(Buffer.from(await read(path)).toString()) as never;

test("Sigstore's verifier accepts the bundle of every entry, and refuses one with another payload", async () => {
  const root = TrustedRoot.fromJSON(await readJson('trusted_root.json'));
  for (let index = 0; index < 3; index++) {
    const path = `bundle/${index}.sigstore.json`;
    const { keyHint, entry } = parseBundle(await read(path));
    const rawBytes = Buffer.from(parseLeaf(entry!.leaf).publicKeySpki);
    const trust = toTrustMaterial(root, { [keyHint]: { rawBytes } } as never);
    const verifier = new Verifier(trust, { tlogThreshold: 1, timestampThreshold: 0 });
    const verify = (document: { dsseEnvelope: { payload: string } }) =>
      verifier.verify(toSignedEntity(bundleFromJSON(document)));
    const document = (await readJson(path)) as { dsseEnvelope: { payload: string } };
    verify(document);
    document.dsseEnvelope.payload = Buffer.from('{}').toString('base64');
    assert.throws(() => verify(document));
  }
});

test(
  'Go opens the cosigned checkpoint that is served, and proves every entry',
  { skip: isGoAbsent },
  async () => {
    const program = await buildCheckLog();
    const copy = join(folder, 'copy');
    for (const path of ['log.vkey', 'checkpoint', 'tile/0/000.p/3', 'tile/entries/000.p/3'])
      await writeFileAt(join(copy, path), await read(path));
    try {
      assert.deepEqual(await program.check(copy), { ok: true, output: '3 entries, 3 inclusion proofs' });
    } finally {
      await program.remove();
    }
  },
);
