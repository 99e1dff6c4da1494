// docs/monitoring.md names the metrics that the programs have, no more and no less, and each is named and measured as Prometheus
// asks for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coordinatorRegistry } from '../../coordinator/src/measured.fixture.ts';
import { siteRegistry } from '../../participant/src/metrics/measured.fixture.ts';
import { unboundedLabel } from './bounded-labels.ts';
import { documented, registered } from './documented-metrics.ts';

const PROGRAMS = [
  { heading: 'Metrics of the coordinator', registry: coordinatorRegistry(), prefix: 'blindsum_' },
  { heading: 'Metrics of a site', registry: siteRegistry(), prefix: 'blindsum_site_' },
];

for (const { heading, registry, prefix } of PROGRAMS) {
  const ours = async () => (await registered(registry)).filter(({ name }) => name.startsWith('blindsum_'));

  test(`${heading}: name, type and labels are as documented`, async () => {
    const rows = documented(heading);
    assert.ok(rows.length > 10);
    assert.deepEqual(rows, await ours());
  });

  test(`${heading}: names say unit and kind`, async () => {
    for (const { name, type } of await ours()) {
      assert.ok(name.startsWith(prefix), name);
      assert.equal(name.endsWith('_total'), type === 'counter', name);
      if (type === 'histogram') assert.match(name, /_(?:seconds|bytes|ratio)$/);
      assert.doesNotMatch(name, /(?:_ms|millis|minutes|hours|days|percent|kb|mib)(?:_|$)/);
    }
  });

  test(`${heading}: every label takes values that are known, and none is a round, a job or a person`, async () => {
    for (const { name, labels } of await ours())
      for (const label of labels) assert.equal(unboundedLabel(label), undefined, name);
    const shown = (await registry.getMetricsAsJSON()).filter(({ name }) => name.startsWith('blindsum_'));
    const labels = shown.flatMap(({ values }) => values.flatMap((one) => Object.entries(one.labels)));
    assert.ok(labels.length > 20);
    for (const [label, value] of labels)
      if (label !== 'le') assert.equal(unboundedLabel(label, String(value)), undefined);
  });

  test(`${heading}: memory and the delay of the event loop are among them`, async () => {
    const names = (await registered(registry)).map(({ name }) => name);
    for (const name of ['process_resident_memory_bytes', 'nodejs_eventloop_lag_p99_seconds'])
      assert.ok(names.includes(name), name);
  });
}

test('a label that is new, and a value that nobody knows of, are found', () => {
  for (const label of ['job', 'round', 'attempt', 'user', 'address', 'constructor'])
    assert.match(unboundedLabel(label)!, /nobody has said/);
  assert.match(unboundedLabel('code', 'what the other side says')!, /takes no value/);
  assert.match(unboundedLabel('method', '/etc/passwd')!, /takes no value/);
});

test('no name is used by both programs: one Prometheus may ask both', async () => {
  const [coordinator, site] = await Promise.all(PROGRAMS.map(({ registry }) => registered(registry)));
  const names = new Set(coordinator!.map(({ name }) => name).filter((name) => name.startsWith('blindsum_')));
  assert.deepEqual(
    site!.filter(({ name }) => names.has(name)),
    [],
  );
});
