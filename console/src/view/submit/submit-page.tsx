import type { JSX } from 'preact';
import { Page } from '../parts/basics.tsx';
export function SubmitPage(): JSX.Element {
  return <Page title="Submit a job">…</Page>;
}
