// The two records of a federation: the public log, and the coordinator's own trail.
import type { JSX } from 'preact';
import { useStore } from '../context.ts';
import { Tabs } from '../parts/tabs.tsx';

const TABS = [
  { key: 'log', word: 'Public log', href: '#/audit' },
  { key: 'trail', word: 'Who did what', href: '#/audit/trail' },
];

export function AuditTabs({ at }: { at: 'log' | 'trail' }): JSX.Element | null {
  // Whoever may not read the trail has one page, and needs no way to the other.
  return useStore().may('auditor') ? <Tabs label="Records" tabs={TABS} at={at} /> : null;
}
