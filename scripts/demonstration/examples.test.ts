import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import {
  createManifest,
  inputWidth,
  parseDataSchemaConfiguration,
  parseJobFile,
  type Manifest,
} from '@blindsum/proto';
import { loadConfig as loadCoordinatorConfig } from '../../coordinator/src/config.ts';
import { loadConfig as loadSiteConfig } from '../../participant/src/config.ts';
import { loadPolicy, type Policy } from '../../participant/src/policy/policy.ts';
import { reviewPolicy } from '../../participant/src/policy/review-policy.ts';
import { readSiteData } from '../../participant/src/data/site-data.ts';
import { loadYaml } from '@blindsum/proto/node';
import { createTestFederation, TEST_AUTHOR } from '../../test/fixtures/federation.ts';
import { DATASETS } from './datasets.ts';
import { readLines, splitRows, toCsv } from './split-data.ts';

/** Whose jobs they are is written down once keys have been made. */
function verifyExceptAuthors(policy: Policy, manifest: Manifest): void {
  const asked = { manifest, roster: createTestFederation().roster, history: { roundsOfOthers: 0 } };
  const forbidding = reviewPolicy(policy, asked).filter(({ isAllowed }) => !isAllowed);
  assert.deepEqual(
    forbidding.map(({ rule }) => rule),
    ['authors'],
  );
}

for (const dataset of Object.values(DATASETS)) {
  const { name, examples, sites } = dataset;
  const names = sites.map(({ site }) => site);
  const job = parseJobFile(await loadYaml(join(examples, 'job.yaml')));
  const schema = parseDataSchemaConfiguration(job.data);
  const { roster } = createTestFederation(names);

  test(`${name}: every configuration file is read by the program it is for`, async () => {
    const { federation } = await loadCoordinatorConfig(join(examples, 'coordinator.yaml'));
    for (const site of names) {
      const config = await loadSiteConfig(join(examples, `${site}.yaml`));
      assert.deepEqual([config.site, config.federation], [site, federation]);
      verifyExceptAuthors(await loadPolicy(config.policy!), createManifest(job, roster, TEST_AUTHOR));
    }
    const own = names.flatMap((site) => [`${site}.yaml`, `${site}.policy.yaml`]);
    const known = ['coordinator.yaml', 'job.yaml', ...own].sort();
    const files = (await readdir(examples)).filter((file) => file.endsWith('.yaml')).sort();
    assert.deepEqual(files, known, 'and there is no other');
  });

  test(`${name}: the job fits a federation of these sites`, () => {
    const manifest = createManifest(job, roster, TEST_AUTHOR);
    assert.equal(manifest.rounds, 10);
    assert.equal(manifest.model.hidden.length, 2);
    assert.ok(inputWidth(schema) >= 30);
  });

  test(`${name}: no site has more rows than the job counts, and the largest is not far below`, async () => {
    const counts = [];
    for (const site of names) {
      const { data } = await loadSiteConfig(join(examples, `${site}.yaml`));
      const { training, holdout } = await readSiteData(data, schema);
      counts.push(training.rows + holdout.rows);
    }
    const largest = Math.max(...counts);
    assert.ok(largest <= job.strategy.maxExamples && largest > job.strategy.maxExamples / 2, String(counts));
  });

  test(`${name}: the sites' files are the split that the demonstration makes, every row at one site`, async () => {
    const lines = readLines(await readFile(dataset.csv, 'utf8'), schema.label);
    const splits = splitRows(lines, dataset);
    for (const { site, training, holdout } of splits) {
      const rows = [...training, ...holdout].sort((a, b) => a - b);
      assert.equal(await readFile(join(examples, 'data', `${site}.csv`), 'utf8'), toCsv(lines, rows), site);
    }
    const all = splits.flatMap(({ training, holdout }) => [...training, ...holdout]);
    assert.deepEqual(
      all.sort((a, b) => a - b),
      [...lines.rows.keys()],
    );
  });
}
