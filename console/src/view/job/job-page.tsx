// One job: where it is, what it has become, who can read what in it, and under which settings it runs.
import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import type { JobDetail } from '../../model/documents.ts';
import { toJobView } from '../../model/job-view.ts';
import { toJobAddress, type JobTab } from '../../model/route.ts';
import { JobStore } from '../../store/job-store.ts';
import { useStore } from '../context.ts';
import { Badge, Page, ProblemNote } from '../parts/basics.tsx';
import { Tabs } from '../parts/tabs.tsx';
import { JobActions } from './job-actions.tsx';
import { JobSettings } from './job-settings.tsx';
import { PrivacyPanel } from './privacy-panel.tsx';
import { ProgressTab } from './progress-tab.tsx';

const TABS: readonly (readonly [JobTab, string])[] = [
  ['progress', 'Progress'],
  ['privacy', 'Privacy'],
  ['settings', 'Settings'],
];

export function JobPage({ job, tab }: { job: string; tab: JobTab }): JSX.Element {
  const store = useStore();
  const shown = useMemo(() => new JobStore(job), [job]);
  useEffect(() => {
    const leave = store.listen((event) => shown.hear(event));
    void shown.read();
    return leave;
  }, [shown]);
  const detail = shown.detail.value;
  const problem = shown.problem.value;
  if (!detail)
    return (
      <Page title={job}>
        {problem ? <ProblemNote problem={problem} /> : <p class="starting">Reading …</p>}
      </Page>
    );
  return (
    <Page title={job} lead={<Lead detail={detail} />} actions={<JobActions detail={detail} />}>
      {problem && <ProblemNote problem={problem} />}
      <Tabs label="About this job" tabs={toTabs(job)} at={tab} />
      <Shown tab={tab} store={shown} detail={detail} />
    </Page>
  );
}

function toTabs(job: string) {
  return TABS.map(([key, word]) => ({ key, word, href: toJobAddress(job, key) }));
}

function Shown({ tab, store, detail }: { tab: JobTab; store: JobStore; detail: JobDetail }): JSX.Element {
  switch (tab) {
    case 'progress':
      return <ProgressTab store={store} detail={detail} />;
    case 'privacy':
      return <PrivacyPanel detail={detail} />;
    case 'settings':
      return <JobSettings detail={detail} />;
  }
}

function Lead({ detail }: { detail: JobDetail }): JSX.Element {
  const { state, round, doing } = toJobView(detail);
  return (
    <>
      <span aria-live="polite" class="job-state">
        <Badge word={state.word} tone={state.tone} /> <span data-state={detail.state}>{round}</span>
        {doing !== '' && <span> · {doing}</span>}
      </span>
      {detail.description !== '' && <span class="description">{detail.description}</span>}
    </>
  );
}
