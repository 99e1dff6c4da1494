// Pages that are loaded when they are first opened, so that the overview need not wait for charts and editors.
import { signal } from '@preact/signals';
import type { ComponentType, JSX } from 'preact';
import type { JobTab } from '../model/route.ts';

/** What the address says of the page; each takes what it needs. */
interface Parts {
  readonly job?: string;
  readonly tab?: JobTab;
  readonly site?: string;
}

interface Props extends Parts {
  readonly name: Name;
}

type Name = 'job' | 'sites' | 'site' | 'submit' | 'audit' | 'trail';
type Loaded = ComponentType<Parts>;

const LOADERS: Readonly<Record<Name, () => Promise<Loaded>>> = {
  job: async () => (await import('./job/job-page.tsx')).JobPage as Loaded,
  sites: async () => (await import('./sites-page.tsx')).SitesPage,
  site: async () => (await import('./site-page.tsx')).SitePage as Loaded,
  submit: async () => (await import('./submit/submit-page.tsx')).SubmitPage,
  audit: async () => (await import('./audit/audit-page.tsx')).AuditPage,
  trail: async () => (await import('./audit/trail-page.tsx')).TrailPage,
};

const loaded = signal<Partial<Record<Name, Loaded | 'failed'>>>({});
const begun = new Set<Name>();

function load(name: Name): void {
  if (begun.has(name)) return;
  begun.add(name);
  void LOADERS[name]().then(
    (page) => (loaded.value = { ...loaded.value, [name]: page }),
    () => {
      // A coordinator of another version has other files.
      loaded.value = { ...loaded.value, [name]: 'failed' };
    },
  );
}

export function Later({ name, ...props }: Props): JSX.Element {
  load(name);
  const Shown = loaded.value[name];
  if (Shown === undefined) return <p class="starting">Loading …</p>;
  if (Shown === 'failed')
    return (
      <p class="note bad" role="alert">
        This page could not be loaded: the coordinator may have been updated.{' '}
        <button type="button" onClick={() => location.reload()}>
          Load anew
        </button>
      </p>
    );
  return <Shown {...props} />;
}
