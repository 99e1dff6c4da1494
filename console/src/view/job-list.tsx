// All jobs, by state.
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { JobDocument } from '../model/documents.ts';
import { toBytes, toDateTime, toNumberText } from '../model/format.ts';
import { inOrder, isOpenJob, toJobView } from '../model/job-view.ts';
import { toJobAddress } from '../model/route.ts';
import { useStore } from './context.ts';
import { Badge, Empty, Page, Panel } from './parts/basics.tsx';

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

export function JobTable({ jobs, caption }: { jobs: readonly JobDocument[]; caption: string }): JSX.Element {
  return (
    <div class="scroll">
      <table>
        <caption class="spoken">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">Job</th>
            <th scope="col">State</th>
            <th scope="col">Where it is</th>
            <th scope="col" class="number">
              Parameters
            </th>
            <th scope="col" class="number">
              On disk
            </th>
            <th scope="col">Submitted</th>
          </tr>
        </thead>
        <tbody>
          {jobs.map((job) => (
            <JobRow key={job.job} job={job} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function JobRow({ job }: { job: JobDocument }): JSX.Element {
  const view = toJobView(job);
  return (
    <tr>
      <th scope="row">
        <a href={toJobAddress(job.job)}>{job.job}</a>
        {view.description !== '' && <span class="sub">{view.description}</span>}
      </th>
      <td>
        <Badge word={view.state.word} tone={view.state.tone} title={view.state.meaning} />
      </td>
      <td>
        {view.isOpen ? view.round : `${view.done} of ${view.of} rounds`}
        {view.doing !== '' && <span class="sub">{view.doing}</span>}
      </td>
      <td class="number">{toNumberText(job.parameters)}</td>
      <td class="number">{toBytes(job.bytesOnDisk)}</td>
      <td class="nowrap">{toDateTime(job.submittedMs)}</td>
    </tr>
  );
}
