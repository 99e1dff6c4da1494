// The configuration files of deploy/, read by the programs' own parsers.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { loadConfig as loadCoordinatorConfig } from '../../coordinator/src/config.ts';
import { accessOf } from '../../coordinator/src/http/access-rules.ts';
import { addHealthRoutes } from '../../coordinator/src/http/health-routes.ts';
import { loadConfig as loadSiteConfig } from '../../participant/src/config.ts';
import { readDeployed, ROOT } from './files.ts';

/** Names of all settings in a value, those within others with a dot; names within `data` and `members` are not settings. */
function settingsIn(value: object, prefix = ''): string[] {
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]) => {
    const isGroup = typeof inner === 'object' && inner !== null && !Array.isArray(inner);
    return isGroup && !['data', 'members'].includes(name) ? settingsIn(inner, `${name}.`) : [prefix + name];
  });
}

function portOf(address: string): string {
  return address.slice(address.lastIndexOf(':') + 1);
}

test('the sample of coordinator.yaml is valid and names every setting', async () => {
  const config = await loadCoordinatorConfig(join(ROOT, 'deploy/samples/coordinator.yaml'));
  const written = parse(readDeployed('samples/coordinator.yaml')) as object;
  assert.deepEqual(settingsIn(written).sort(), settingsIn(config).sort());
  assert.ok(!config.advertise?.startsWith('0.0.0.0'));
  assert.match(config.listen.http, /^127\.0\.0\.1:/);
});

test('the sample of site.yaml is valid, names every setting and is careful', async () => {
  const config = await loadSiteConfig(join(ROOT, 'deploy/samples/site.yaml'));
  const written = parse(readDeployed('samples/site.yaml')) as object;
  assert.deepEqual(settingsIn(written).sort(), settingsIn(config).sort());
  assert.equal(config.policy.allowTwoSites, false);
  assert.ok(config.policy.minContributors >= 3);
  assert.notEqual(config.policy.jobs, 'any');
});

test('the two samples are of one federation and meet at one address', async () => {
  const coordinator = await loadCoordinatorConfig(join(ROOT, 'deploy/samples/coordinator.yaml'));
  const site = await loadSiteConfig(join(ROOT, 'deploy/samples/site.yaml'));
  assert.equal(site.federation, coordinator.federation);
  assert.equal(site.coordinator, coordinator.advertise);
  assert.equal(portOf(coordinator.listen.grpc), portOf(coordinator.advertise ?? ''));
});

test('Prometheus asks the sample coordinator, at a path that it answers', async () => {
  const { scrape_configs: jobs } = parse(readDeployed('prometheus/prometheus.yml')) as {
    scrape_configs: {
      metrics_path: string;
      scheme: string;
      authorization: { credentials_file: string };
      tls_config: { ca_file: string };
      static_configs: { targets: string[] }[];
    }[];
  };
  const { listen } = await loadCoordinatorConfig(join(ROOT, 'deploy/samples/coordinator.yaml'));
  assert.deepEqual(
    jobs.map(({ metrics_path: path, static_configs: of }) => [path, of.flatMap(({ targets }) => targets)]),
    [['/metrics', [listen.http]]],
  );
  assert.ok(healthPaths().includes('/metrics'));
  // As the coordinator asks for it.
  assert.equal(accessOf('GET', '/metrics'), 'read');
  for (const { scheme, authorization, tls_config: tls } of jobs)
    assert.ok(scheme === 'https' && authorization.credentials_file !== '' && tls.ca_file !== '');
});

function healthPaths(): string[] {
  const paths: string[] = [];
  const app = { get: (path: string) => paths.push(path) } as unknown as Parameters<typeof addHealthRoutes>[0];
  addHealthRoutes(app, {} as Parameters<typeof addHealthRoutes>[1]);
  return paths;
}
