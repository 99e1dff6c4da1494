// All jobs, by state.
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { JobDocument } from '../model/documents.ts';
import { toDateTime, toNumberText, toSize } from '../model/format.ts';
import { inOrder, isOpenJob, toJobView } from '../model/job-view.ts';
import { toJobAddress } from '../model/route.ts';
import { useStore } from './context.ts';
import { Badge, Empty, Page, Panel } from './parts/basics.tsx';
import { Table, type Column } from './parts/table.tsx';

type Filter = 'all' | 'open' | 'ended';
const FILTERS: readonly (readonly [Filter, string])[] = [
  ['all', 'All'],
  ['open', 'Open'],
  ['ended', 'Ended'],
];

export function JobList(): JSX.Element {
  const store = useStore();
  const filter = useSignal<Filter>('all');
  const jobs = inOrder(store.live.value?.jobs.values() ?? []);
  const shown = jobs.filter((job) => filter.value === 'all' || isOpenJob(job) === (filter.value === 'open'));
  const submit = store.may('operator') && (
    <a class="button primary" href="#/submit">
      Submit a job
    </a>
  );
  return (
    <Page title="Jobs" actions={submit}>
      <fieldset class="filter">
        <legend class="spoken">Which jobs</legend>
        {FILTERS.map(([value, word]) => (
          <label key={value}>
            <input
              type="radio"
              name="filter"
              checked={filter.value === value}
              onChange={() => (filter.value = value)}
            />
            <span>{word}</span>
          </label>
        ))}
      </fieldset>
      <Panel title={shown.length === 1 ? '1 job' : `${shown.length} jobs`}>
        {shown.length === 0 ? (
          <Empty>There are none.</Empty>
        ) : (
          <JobTable jobs={shown} caption="Jobs, those that are open first" />
        )}
      </Panel>
    </Page>
  );
}

const COLUMNS: readonly Column<JobDocument>[] = [
  { head: 'Job', isName: true, show: (job) => <JobName job={job} /> },
  {
    head: 'State',
    show(job) {
      const { word, tone, meaning } = toJobView(job).state;
      return <Badge word={word} tone={tone} title={meaning} />;
    },
  },
  { head: 'Where it is', show: (job) => <Whereabouts job={job} /> },
  { head: 'Parameters', isNumber: true, show: ({ parameters }) => toNumberText(parameters) },
  { head: 'On disk', isNumber: true, show: ({ bytesOnDisk }) => toSize(bytesOnDisk) },
  { head: 'Submitted', class: 'nowrap when', show: ({ submittedMs }) => toDateTime(submittedMs) },
];

export function JobTable({ jobs, caption }: { jobs: readonly JobDocument[]; caption: string }): JSX.Element {
  return <Table caption={caption} columns={COLUMNS} rows={jobs} keyOf={({ job }) => job} />;
}

function JobName({ job: { job, description } }: { job: JobDocument }): JSX.Element {
  return (
    <>
      <a href={toJobAddress(job)}>{job}</a>
      {description !== '' && <span class="sub">{description}</span>}
    </>
  );
}

function Whereabouts({ job }: { job: JobDocument }): JSX.Element {
  const { isOpen, round, done, of, doing } = toJobView(job);
  return (
    <span>
      {isOpen ? round : `${done} of ${of} rounds`}
      {doing !== '' && <span class="sub sentence">{doing}</span>}
    </span>
  );
}
