// What is running, and what needs a person.
import type { JSX } from 'preact';
import { toAttention, type Attention } from '../model/attention.ts';
import type { JobDocument, LogDocument, SiteDocument } from '../model/documents.ts';
import { toBytes, toCount, toDate, toNumberText, toRelative } from '../model/format.ts';
import { inOrder, isOpenJob, toJobView } from '../model/job-view.ts';
import type { LiveState } from '../model/live-state.ts';
import { toJobAddress, toSiteAddress } from '../model/route.ts';
import { sitesInOrder, toSiteView } from '../model/site-view.ts';
import { useStore } from './context.ts';
import { JobTable } from './job-list.tsx';
import { useMore } from './parts/more.tsx';
import { PhaseSteps } from './parts/phase-steps.tsx';
import { Badge, Empty, Facts, Meter, Page, Panel } from './parts/basics.tsx';

const RECENT = 6;
/** More are listed on demand. */
const RUNNING = 12;

export function Overview(): JSX.Element {
  const store = useStore();
  const live = store.live.value;
  if (!live) return <></>;
  const jobs = inOrder(live.jobs.values());
  const open = jobs.filter(isOpenJob);
  const ended = jobs.filter((job) => !isOpenJob(job));
  const items = toAttention(live, store.nowMs.value);
  const [running, more] = useMore(open, RUNNING);
  return (
    <Page title="Overview" lead={toSummary(live, open)}>
      <AttentionPanel items={items} />
      <Panel title="Open jobs">
        {open.length === 0 ? (
          <Empty>No job is under way. {store.may('operator') && <a href="#/submit">Submit a job</a>}</Empty>
        ) : (
          <>
            <ul class="running">
              {running.map((job) => (
                <RunningJob key={job.job} job={job} />
              ))}
            </ul>
            {more}
          </>
        )}
      </Panel>
      {ended.length > 0 && (
        <Panel title="Ended" aside={<a href="#/jobs">All jobs</a>}>
          <JobTable jobs={ended.slice(0, RECENT)} caption="Jobs that have ended, the latest first" />
        </Panel>
      )}
      <Panel title="Sites" aside={<a href="#/sites">All sites</a>}>
        <SiteGrid sites={sitesInOrder(live.sites.values())} />
      </Panel>
      <CoordinatorPanel live={live} />
    </Page>
  );
}

function toSummary({ sites }: LiveState, open: readonly JobDocument[]): string {
  const standing = [...sites.values()].filter(({ revoked }) => revoked === null);
  const online = standing.filter((site) => site.online).length;
  return `${toCount(open.length, 'job')} open, ${online} of ${toCount(standing.length, 'site')} online`;
}

function AttentionPanel({ items }: { items: readonly Attention[] }): JSX.Element {
  return (
    <Panel title="Needs attention" class="attention">
      <div aria-live="polite">
        {items.length === 0 ? (
          <p class="all-well">
            <Badge word="Nothing needs you" tone="good" />
          </p>
        ) : (
          <ul>
            {items.map(({ tone, title, detail, href }) => (
              <li key={title} class={tone}>
                <Badge word={WORDS[tone]} tone={tone} />
                <div>
                  <strong>{href === undefined ? title : <a href={href}>{title}</a>}</strong>
                  <p>{detail}</p>
                </div>
              </li>
            ))}
          </ul>
        )}
      </div>
    </Panel>
  );
}

const WORDS = { bad: 'Act now', warn: 'Look at', wait: 'Waits for people' } as const;

function RunningJob({ job }: { job: JobDocument }): JSX.Element {
  const view = toJobView(job);
  return (
    <li>
      <div class="running-head">
        <a class="name" href={toJobAddress(job.job)}>
          {job.job}
        </a>
        <Badge word={view.state.word} tone={view.state.tone} title={view.state.meaning} />
        <span class="round">{view.round}</span>
      </div>
      {job.current && (
        <Meter value={view.done / view.of} label={`${job.job}: training rounds that are published`} />
      )}
      <p class="doing">{view.doing === '' ? view.state.meaning : view.doing}</p>
      {job.current && job.state === 'running' && <PhaseSteps phase={job.current.phase} />}
    </li>
  );
}

const MOST_SITES = 60;

function SiteGrid({ sites }: { sites: readonly SiteDocument[] }): JSX.Element {
  const nowMs = useStore().nowMs.value;
  if (sites.length === 0) return <Empty>No site is admitted yet.</Empty>;
  return (
    <>
      <ul class="site-grid">
        {sites.slice(0, MOST_SITES).map((site) => {
          const view = toSiteView(site, nowMs);
          return (
            <li key={site.site}>
              <a href={toSiteAddress(site.site)}>{site.site}</a>
              <Badge word={view.state.word} tone={view.state.tone} />
              <span class="muted">
                {site.online
                  ? view.activity
                  : site.lastSeenMs === null
                    ? 'not heard of yet'
                    : `seen ${view.seen}`}
              </span>
            </li>
          );
        })}
      </ul>
      {sites.length > MOST_SITES && (
        <p class="more">
          <a href="#/sites">and {sites.length - MOST_SITES} more</a>
        </p>
      )}
    </>
  );
}

function CoordinatorPanel({ live: { overview } }: { live: LiveState }): JSX.Element {
  const nowMs = useStore().nowMs.value;
  const { disk, log, certificate } = overview;
  return (
    <Panel title="Coordinator">
      <Facts
        facts={[
          ['Version', overview.version],
          ['Running since', toRelative(overview.startedMs, nowMs)],
          ['Certificate until', toDate(certificate.expiresMs)],
          ['Free on disk', toBytes(disk.freeBytes)],
          ['Entries in the log', <a href="#/audit">{toNumberText(log.size)}</a>],
          ['Witnessed', toWitnessed(log)],
        ]}
      />
    </Panel>
  );
}

function toWitnessed({ quorum, cosignedSize, size }: LogDocument): string {
  if (quorum.length === 0) return 'nobody is asked to cosign';
  return cosignedSize === size ? 'up to date' : `${toNumberText(cosignedSize)} entries so far`;
}
