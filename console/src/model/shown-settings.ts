// The manifest of a job as settings with their values and what they mean.
import { toDuration } from './format.ts';
import { GROUP_NAMES, SETTINGS, type GroupName } from './setting-table.ts';

export interface ShownSetting {
  readonly path: string;
  readonly value: string;
  readonly meaning: string;
}

export interface SettingGroup {
  readonly title: GroupName;
  readonly settings: readonly ShownSetting[];
}

export function toSettingGroups(manifest: Readonly<Record<string, unknown>>): SettingGroup[] {
  return GROUP_NAMES.map((title) => ({
    title,
    settings: SETTINGS.filter(({ group, path }) => group === title && !path.startsWith('data.features.')).map(
      ({ path, meaning }) => ({ path, meaning, value: toValue(path, manifest) }),
    ),
  }));
}

function toValue(path: string, manifest: Readonly<Record<string, unknown>>): string {
  const value = path.split('.').reduce<unknown>((at, name) => memberOf(at, name), manifest);
  if (path.startsWith('waits.') && typeof value === 'number') return toDuration(value * 1000);
  if (path === 'data.features' && Array.isArray(value)) return toColumns(value);
  if (path === 'contributors.minimum' && memberOf(memberOf(manifest, 'contributors'), 'all') === true)
    return 'all';
  if (value === undefined) return '–';
  return typeof value === 'string' ? value || '–' : JSON.stringify(value);
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}

const MOST_COLUMNS = 40;

function toColumns(features: readonly unknown[]): string {
  const names = features.map((feature) => String(memberOf(feature, 'column')));
  const more = names.length > MOST_COLUMNS ? ` and ${names.length - MOST_COLUMNS} more` : '';
  return `${names.length}: ${names.slice(0, MOST_COLUMNS).join(', ')}${more}`;
}
