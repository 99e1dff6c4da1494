import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Refusal } from '@blindsum/proto';
import { loadConfig } from './config.ts';

const directory = await mkdtemp(join(tmpdir(), 'blindsum-config-'));
after(() => rm(directory, { recursive: true }));

const BASE = 'site: hospital-a\nfederation: test.example\nstateDirectory: state\ndata: { train: rows.csv }\n';

async function load(text: string) {
  const path = join(directory, 'site.yaml');
  await writeFile(path, text);
  return loadConfig(path);
}

test('the defaults trust nobody, take part in nothing and hold out a fifth', async () => {
  assert.deepEqual(await load(BASE), {
    site: 'hospital-a',
    federation: 'test.example',
    stateDirectory: join(directory, 'state'),
    coordinator: undefined,
    keys: {},
    network: { proxy: 'environment', keepaliveSeconds: 30 },
    data: { file: join(directory, 'rows.csv'), holdoutFraction: 0.2, seed: 1 },
    trust: { members: {}, roster: 'manual' },
    policy: undefined,
    training: { backend: 'auto' },
    retry: { giveUpAfterMinutes: 60 },
    logging: { level: 'info' },
  });
});

test('a holdout is a file, or a share of the rows', async () => {
  const files = await load(BASE.replace('}', ', holdout: { file: ../test.csv } }'));
  assert.deepEqual(files.data, {
    file: join(directory, 'rows.csv'),
    holdoutFile: join(directory, '..', 'test.csv'),
  });
  const share = await load(BASE.replace('}', ', holdout: { fraction: 0.5 } }'));
  assert.deepEqual(share.data, { file: join(directory, 'rows.csv'), holdoutFraction: 0.5, seed: 1 });
});

test('each mistake is named with its place', async () => {
  const fingerprint = Array.from({ length: 10 }, () => '0a1b').join('-');
  await load(`${BASE}trust: { members: { hospital-b: ${fingerprint} } }`);
  const mistakes: [string, RegExp][] = [
    [BASE.replace('site: hospital-a\n', ''), /^site\.yaml: site: /],
    [BASE.replace('hospital-a', 'Hospital A'), /^site\.yaml: site: a site name is/],
    [BASE.replace('rows.csv', 'rows.csv, test: x'), /^site\.yaml: data: .*test/],
    [BASE.replace('}', ', holdout: { fraction: 1 } }'), /^site\.yaml: data\.holdout\.fraction: /],
    [BASE.replace('}', ', holdout: { file: a, seed: 2 } }'), /^site\.yaml: data\.holdout: give either/],
    [`${BASE}polcy: {}`, /^site\.yaml: document: .*polcy/],
    [`${BASE}metrics: { listen: 0.0.0.0:9464 }`, /^site\.yaml: metrics\.listen: expected an address of this/],
    [`${BASE}policy: { jobs: any }`, /^site\.yaml: policy: /],
    [
      `${BASE}trust: { members: { hospital-b: ${fingerprint}-0000 } }`,
      /^site\.yaml: trust\.members\.hospital-b: a fingerprint/,
    ],
    [`${BASE}training: { backend: cuda }`, /^site\.yaml: training\.backend: /],
    [`${BASE}coordinator: example.com`, /^site\.yaml: coordinator: expected host:port/],
    [`${BASE}site: twice`, /^site\.yaml:5:1: Map keys must be unique/],
    [`${BASE}policy: {`, /^site\.yaml:\d+:\d+: /],
    ['', /^site\.yaml: document: /],
  ];
  for (const [text, place] of mistakes) {
    await assert.rejects(
      load(text),
      (error) => error instanceof Refusal && error.code === 'CONFIG_INVALID' && place.test(error.detail),
      text,
    );
  }
});

test('a file that is not there is a mistake too', async () => {
  await assert.rejects(loadConfig(join(directory, 'none.yaml')), {
    code: 'CONFIG_INVALID',
    detail: /there is no such file/,
  });
});

test('a policy is a file beside this one', async () => {
  const { policy } = await load(`${BASE}policy: rules/policy.yaml\n`);
  assert.equal(policy, join(directory, 'rules/policy.yaml'));
});

test('the local page is off, and on this machine only', async () => {
  assert.equal((await load(BASE)).localPage, undefined);
  const { localPage } = await load(`${BASE}localPage: { port: 7490 }\n`);
  assert.deepEqual(localPage, { port: 7490, host: '127.0.0.1' });
  for (const host of ['0.0.0.0', '"::"', 'localhost', '192.0.2.1'])
    await assert.rejects(load(`${BASE}localPage: { port: 7490, host: ${host} }\n`), {
      code: 'CONFIG_INVALID',
      detail: /localPage\.host: the local page is for this machine only/,
    });
});
