// Hospitals that may only dial out, through a proxy that asks for credentials, and that trust an authority of their own choice: one
// enrols that way, and three run a whole job.
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { Server as ProxyServer } from 'proxy-chain';
import { EXIT } from '@blindsum/proto';
import { loadYaml } from '@blindsum/proto/node';
import { createAuthorityKey } from '../../coordinator/src/identity/authority.ts';
import type { Layout } from '../../scripts/demonstration/configuration.ts';
import { editYaml, openRealFederation, type RealFederation } from '../fixtures/real-federation.ts';

const CANARY = 'canary-of-the-proxy';
const TIMEOUT_MS = 240_000;

suite('hospitals behind a proxy', { timeout: TIMEOUT_MS }, () => {
  const dialled: string[] = [];
  const proxy = new ProxyServer({
    port: 0,
    host: '127.0.0.1',
    prepareRequestFunction: ({ hostname, port, username, password }) => {
      dialled.push(`${hostname}:${port}`);
      return { requestAuthentication: username !== 'site' || password !== CANARY };
    },
  });
  let federation: RealFederation;

  before(async () => {
    await proxy.listen();
    federation = await openRealFederation({ hospitals: 4, founders: 3, rounds: 1, site: toNetwork });
  });
  after(async () => {
    await federation.remove();
    await proxy.close(true);
  });

  /** What leads a site out: nothing but the proxy and these authorities. */
  async function toNetwork({ root, coordinator }: Layout) {
    const folder = join(root, 'network');
    await mkdir(folder);
    const [caFile, proxyCredentialsFile] = [join(folder, 'ca.pem'), join(folder, 'proxy.txt')];
    const other = (await createAuthorityKey('other.example', Date.now())).certificate;
    await writeFile(join(folder, 'other.pem'), other);
    const own = await readFile(join(coordinator, 'identity/authority.pem'), 'utf8');
    await writeFile(caFile, `${other}${own}`);
    await writeFile(proxyCredentialsFile, `site:${CANARY}\n`, { mode: 0o600 });
    return { network: { proxy: `http://127.0.0.1:${proxy.port}`, proxyCredentialsFile, caFile } };
  }

  const toSite = async (path: string) =>
    (await loadYaml(path)) as { readonly network: Readonly<Record<string, string>> };

  test('a hospital enrols through it, and not with credentials that it does not take', async () => {
    const { hospitals, layout, operate, prepare } = federation;
    const joining = hospitals[3]!;
    const token = join(layout.root, 'token');
    await writeFile(token, await operate('invite', joining.site), { mode: 0o600 });
    await prepare(joining);
    const credentials = join(dirname(joining.config), 'proxy.txt');
    await writeFile(credentials, `somebody:${CANARY}-not`, { mode: 0o600 });
    const { network } = await toSite(joining.config);
    await editYaml(joining.config, { network: { ...network, proxyCredentialsFile: credentials } });
    const refused = await joining.try('enroll', '--token-file', token);
    assert.match(refused.complaint, /^blindsum-site: UNAVAILABLE: /);
    assert.equal(refused.status, EXIT.unreachable);
    await editYaml(joining.config, { network });
    dialled.length = 0;
    assert.match(await joining.run('enroll', '--token-file', token), /may connect to hospitals\.example/);
    assert.ok(dialled.length > 0);
  });

  test('an authority that did not vouch for the coordinator is of no use', async () => {
    const { hospitals, layout } = federation;
    const enrolled = hospitals[3]!;
    const { network } = await toSite(enrolled.config);
    const caFile = join(layout.root, 'network/other.pem');
    await editYaml(enrolled.config, { network: { ...network, caFile } });
    const refused = await enrolled.try('roster', 'show');
    assert.match(refused.complaint, /^blindsum-site: UNAVAILABLE: /);
    await editYaml(enrolled.config, { network });
    assert.match(await enrolled.run('roster', 'show'), /under no roster yet/);
  });

  test('three run a whole job through it, to one address only', async () => {
    const founders = federation.hospitals.slice(0, 3);
    dialled.length = 0;
    for (const hospital of founders) hospital.start();
    await Promise.all(founders.map((hospital) => hospital.finish()));
    const [first, ...others] = await Promise.all(founders.map((one) => one.finalModel()));
    for (const other of others) assert.deepEqual(other, first);
    // For each hospital one connection for questions and one for its uploads.
    assert.ok(dialled.length >= 6, String(dialled.length));
    assert.equal(new Set(dialled).size, 1, dialled.join());
    assert.equal((await federation.published()).length, 3);
  });

  test('nothing that was printed holds what the proxy was told', async () => {
    const { output } = federation.layout;
    for (const name of await readdir(output))
      assert.ok(!(await readFile(join(output, name), 'utf8')).includes(CANARY), name);
  });
});
