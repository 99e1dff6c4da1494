// Writes examples/<federation>/data/<site>.csv: the rows that each site of the walk-through holds, as the demonstration splits them.
// Run with scripts/launch scripts/generate-examples.ts; scripts/demonstration/examples.test.ts compares.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseJobFile, parseDataSchemaConfiguration } from '@blindsum/proto';
import { loadYaml } from '@blindsum/proto/node';
import { DATASETS } from './demonstration/datasets.ts';
import { readLines, splitRows, toCsv } from './demonstration/split-data.ts';

for (const dataset of Object.values(DATASETS)) {
  const job = parseJobFile(await loadYaml(join(dataset.examples, 'job.yaml')));
  const lines = readLines(await readFile(dataset.csv, 'utf8'), parseDataSchemaConfiguration(job.data).label);
  for (const { site, training, holdout } of splitRows(lines, dataset)) {
    const file = join(dataset.examples, 'data', `${site}.csv`);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(
      file,
      toCsv(
        lines,
        [...training, ...holdout].sort((a, b) => a - b),
      ),
    );
  }
}
