import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createAuthorityKey, openAuthority } from '../identity/authority.ts';
import { openHttpIdentity } from './http-identity.ts';

const NOW_MS = Date.UTC(2026, 5, 1);
const DAY_MS = 86_400_000;
const authority = await openAuthority('test.example', await createAuthorityKey('test.example', NOW_MS));
const folder = await mkdtemp(join(tmpdir(), 'bs-http-id-'));
after(() => rm(folder, { recursive: true }));
const tls = { certificateFile: join(folder, 'tls.pem'), keyFile: join(folder, 'tls.key') };
const hosts = ['127.0.0.1'];
const make = () => authority.createServerIdentity(hosts, NOW_MS);

test('a certificate of our own authority is made anew before it ends, and not earlier', async () => {
  const identity = await openHttpIdentity({ tls: 'authority', authority, hosts }, NOW_MS);
  assert.equal(await identity.next(NOW_MS + DAY_MS), undefined);
  const next = await identity.next(NOW_MS + 824 * DAY_MS);
  assert.notEqual(next?.certificate, identity.first.certificate);
});

test('files are looked at again, and what cannot be used takes the place of nothing', async () => {
  await assert.rejects(openHttpIdentity({ tls, authority, hosts }, NOW_MS), {
    code: 'CONFIG_INVALID',
    detail: /^http\.tls\.certificateFile: .* cannot be read \(there is no such file\)$/,
  });
  const write = async (pair: { certificate: string; privateKey: string }) => {
    await writeFile(tls.certificateFile, pair.certificate);
    await writeFile(tls.keyFile, pair.privateKey);
  };
  const [first, second] = [await make(), await make()];
  await write(first);
  const identity = await openHttpIdentity({ tls, authority, hosts }, NOW_MS);
  assert.deepEqual(identity.first, first);
  assert.equal(await identity.next(NOW_MS), undefined);
  // Half copied.
  await write({ ...second, privateKey: first.privateKey });
  await assert.rejects(identity.next(NOW_MS), { code: 'CONFIG_INVALID', detail: /do not belong together/ });
  await write(second);
  assert.deepEqual(await identity.next(NOW_MS), second);
  assert.equal(await identity.next(NOW_MS), undefined);
});
