import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { createManifest, inputWidth, parseDataSchemaConfiguration, parseJobFile } from '@blindsum/proto';
import { loadConfig as loadCoordinatorConfig } from '../../coordinator/src/config.ts';
import { loadConfig as loadSiteConfig } from '../../participant/src/config.ts';
import { readSiteData } from '../../participant/src/data/site-data.ts';
import { loadYaml } from '@blindsum/proto/node';
import { createTestFederation, TEST_AUTHOR } from '../../test/fixtures/federation.ts';
import { DATASETS } from './datasets.ts';
import { readLines, splitRows, toCsv } from './split-data.ts';

for (const dataset of Object.values(DATASETS)) {
  const { name, examples, sites } = dataset;
  const names = sites.map(({ site }) => site);
  const job = parseJobFile(await loadYaml(join(examples, 'job.yaml')));
  const schema = parseDataSchemaConfiguration(job.data);

  test(`${name}: every configuration file is read by the program it is for`, async () => {
    const { federation } = await loadCoordinatorConfig(join(examples, 'coordinator.yaml'));
    for (const site of names) {
      const config = await loadSiteConfig(join(examples, `${site}.yaml`));
      assert.deepEqual([config.site, config.federation], [site, federation]);
      assert.deepEqual(config.policy.jobs, [job.job]);
    }
    const known = ['coordinator.yaml', 'job.yaml', ...names.map((site) => `${site}.yaml`)].sort();
    const files = (await readdir(examples)).filter((file) => file.endsWith('.yaml')).sort();
    assert.deepEqual(files, known, 'and there is no other');
  });

  test(`${name}: the job fits a federation of these sites`, () => {
    const { roster } = createTestFederation(names);
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
