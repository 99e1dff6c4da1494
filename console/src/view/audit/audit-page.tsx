import type { JSX } from 'preact';
import { Page } from '../parts/basics.tsx';
export function AuditPage(): JSX.Element {
  return <Page title="Audit">…</Page>;
}
