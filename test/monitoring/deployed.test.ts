// Dashboards and alerts name only what the programs measure, and Prometheus' own tool finds no fault with them.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { parse } from 'yaml';
import { coordinatorRegistry } from '../../coordinator/src/measured.fixture.ts';
import { siteRegistry } from '../../participant/src/metrics/measured.fixture.ts';
import { ROOT } from '../deploy/files.ts';
import { registered } from './documented-metrics.ts';
import { readPromql } from './promql.ts';
import { relaxedRules, type RuleFile } from './relaxed-rules.ts';

const FOLDER = join(ROOT, 'deploy/prometheus');
const DASHBOARDS = join(ROOT, 'deploy/grafana');
const REGISTRIES = [coordinatorRegistry(), siteRegistry()];
/** Prometheus adds these to all that it asks for. */
const ADDED = ['job', 'instance'];

interface Dashboard {
  readonly uid: string;
  readonly panels: readonly {
    readonly title: string;
    readonly targets: readonly { readonly expr: string }[];
  }[];
}

const rules = parse(readFileSync(join(FOLDER, 'alerts.yml'), 'utf8')) as RuleFile;
const alerts = rules.groups.flatMap((group) => group.rules);
const dashboards = readdirSync(DASHBOARDS).map(
  (file) => JSON.parse(readFileSync(join(DASHBOARDS, file), 'utf8')) as Dashboard,
);

/** Name of a series, and the labels that it has. */
async function allSeries(): Promise<Map<string, readonly string[]>> {
  const series = new Map<string, readonly string[]>([['up', ADDED]]);
  for (const registry of REGISTRIES)
    for (const { name, type, labels } of await registered(registry)) {
      const all = [...labels, ...ADDED];
      if (type !== 'histogram') series.set(name, all);
      else {
        series.set(`${name}_bucket`, [...all, 'le']);
        for (const part of ['sum', 'count']) series.set(`${name}_${part}`, all);
      }
    }
  return series;
}

/** As Prometheus gets it. */
function withoutVariables(expr: string): string {
  return expr.replaceAll('$__rate_interval', '5m').replaceAll('$instance', '.*');
}

async function assertNamesExist(expr: string): Promise<void> {
  const series = await allSeries();
  const { selectors, grouped } = readPromql(withoutVariables(expr));
  assert.ok(selectors.length > 0, expr);
  const known = new Set<string>();
  for (const { metric, labels } of selectors) {
    const has = series.get(metric);
    assert.ok(has, `nobody measures ${metric}: ${expr}`);
    for (const label of labels) assert.ok(has.includes(label), `${metric} has no label ${label}: ${expr}`);
    for (const label of has) known.add(label);
  }
  for (const label of grouped) assert.ok(known.has(label), `nothing has a label ${label}: ${expr}`);
}

test('every metric and label of the dashboards is one that is registered', async () => {
  assert.equal(dashboards.length, 4);
  for (const { panels } of dashboards)
    for (const { targets } of panels) for (const { expr } of targets) await assertNamesExist(expr);
});

test('every metric and label of the alerts is one that is registered', async () => {
  assert.ok(alerts.length > 20);
  for (const { expr } of alerts) await assertNamesExist(expr);
});

test('a metric or a label that nobody has is found', async () => {
  await assert.rejects(
    assertNamesExist('rate(blindsum_round_total[5m])'),
    /nobody measures blindsum_round_total/,
  );
  await assert.rejects(assertNamesExist('blindsum_jobs{sate="queued"}'), /no label sate/);
  await assert.rejects(assertNamesExist('sum by (site) (blindsum_jobs)'), /label site/);
  await assert.rejects(assertNamesExist('sum by (blindsum_jobs'), /no PromQL/);
});

test('every metric of ours is on a dashboard', async () => {
  const shown = new Set(
    dashboards
      .flatMap(({ panels }) => panels.flatMap(({ targets }) => targets))
      .flatMap(({ expr }) => readPromql(withoutVariables(expr)).selectors.map(({ metric }) => metric))
      .map((name) => name.replace(/_(?:bucket|sum|count)$/, '')),
  );
  for (const registry of REGISTRIES)
    for (const { name } of await registered(registry))
      if (name.startsWith('blindsum_')) assert.ok(shown.has(name), name);
});

test('every alert is in the manual with what to do, and every one in the manual exists', () => {
  const manual = readFileSync(join(ROOT, 'docs/monitoring.md'), 'utf8');
  const named = [...manual.matchAll(/^\| `(Blindsum[A-Za-z]+)` \|/gm)].map(([, name]) => name);
  assert.deepEqual(named.toSorted(), alerts.map(({ alert }) => alert).toSorted());
  for (const { labels, annotations } of alerts)
    assert.ok(['critical', 'warning'].includes(labels.severity) && annotations.summary.length > 20);
});

/** How many alerts each is expected to tell, case by case. */
function played(file: string): Map<string, readonly number[]> {
  const { tests } = parse(readFileSync(join(FOLDER, file), 'utf8')) as {
    tests: readonly {
      readonly alert_rule_test: readonly { alertname: string; exp_alerts: readonly unknown[] }[];
    }[];
  };
  const cases = Map.groupBy(
    tests.flatMap((one) => one.alert_rule_test),
    ({ alertname }) => alertname,
  );
  return new Map([...cases].map(([alert, all]) => [alert, all.map((one) => one.exp_alerts.length)]));
}

test('every alert is played to where it fires, and to where it is silent', () => {
  const [firing, silent] = [played('alerts.test.yml'), played('alerts-silent.test.yml')];
  for (const { alert } of alerts) {
    assert.ok(
      firing.get(alert)?.some((count) => count > 0),
      `${alert} never fires`,
    );
    assert.ok(
      silent.get(alert)?.every((count) => count === 0),
      `${alert} is never silent`,
    );
  }
  assert.equal(silent.size, alerts.length);
});

/** Undefined without promtool, which is in Debian's package `prometheus`. */
function runPromtool(
  args: readonly string[],
  input = '',
): { status: number | null; said: string } | undefined {
  const { error, status, stdout, stderr } = spawnSync('promtool', args, { input, encoding: 'utf8' });
  return error ? undefined : { status, said: stdout + stderr };
}

function promtool(context: TestContext, args: readonly string[], input = ''): void {
  const ran = runPromtool(args, input);
  if (!ran) return context.skip('promtool is not installed');
  assert.equal(ran.status, 0, ran.said);
}

test('promtool: the rules are valid', (context) => {
  promtool(context, ['check', 'rules', join(FOLDER, 'alerts.yml')]);
});

test('promtool: the alerts fire when they should, and only then', (context) => {
  for (const file of ['alerts.test.yml', 'alerts-silent.test.yml'])
    promtool(context, ['test', 'rules', join(FOLDER, file)]);
});

test('promtool: where an alert is silent, one that asks for a little less fires', (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'blindsum-rules-'));
  context.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'alerts.yml'), JSON.stringify(relaxedRules(rules)));
  const file = join(folder, 'alerts-silent.test.yml');
  copyFileSync(join(FOLDER, 'alerts-silent.test.yml'), file);
  const ran = runPromtool(['test', 'rules', file]);
  if (!ran) return context.skip('promtool is not installed');
  const fired = new Set([...ran.said.matchAll(/alertname: (\w+), time:/g)].map(([, alert]) => alert));
  for (const { alert } of alerts)
    assert.ok(fired.has(alert), `${alert} is silent far from what it asks for: ${ran.said}`);
});

test('promtool: the sample of the configuration is valid', (context) => {
  promtool(context, ['check', 'config', '--syntax-only', join(FOLDER, 'prometheus.yml')]);
});

for (const [i, registry] of REGISTRIES.entries())
  test(`promtool: names, units and texts of all metrics are as they should be (${i})`, async (context) => {
    promtool(context, ['check', 'metrics'], await registry.metrics());
  });
