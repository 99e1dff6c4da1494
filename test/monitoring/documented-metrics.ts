// The tables of docs/monitoring.md, and what the two programs register.
import { readFileSync } from 'node:fs';
import type { Registry } from 'prom-client';

export interface MetricShape {
  readonly name: string;
  readonly type: string;
  readonly labels: readonly string[];
}

/** What a registry has, in the order of the names. */
export async function registered(registry: Registry): Promise<MetricShape[]> {
  const all = await registry.getMetricsAsJSON();
  return all
    .map(({ name, type }) => ({ name, type: String(type), labels: labelsOf(registry, name) }))
    .toSorted((a, b) => a.name.localeCompare(b.name));
}

function labelsOf(registry: Registry, name: string): string[] {
  const { labelNames } = registry.getSingleMetric(name) as unknown as { labelNames: readonly string[] };
  return [...labelNames];
}

/** The rows below a heading of docs/monitoring.md. */
export function documented(heading: string): MetricShape[] {
  const manual = readFileSync(new URL('../../docs/monitoring.md', import.meta.url), 'utf8');
  const section = manual.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => {
      const [, name = '', type = '', labels = ''] = line.split('|').map((cell) => cell.trim());
      return {
        name: name.replaceAll('`', ''),
        type,
        labels: [...labels.matchAll(/`([a-z]+)`/g)].map(([, label]) => label!),
      };
    })
    .toSorted((a, b) => a.name.localeCompare(b.name));
}
