// One site, and what it has contributed.
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { api, everyItem, Problem } from '../api/api.ts';
import { toContributionRows, type ContributionRow } from '../model/contributions.ts';
import type { Contribution, SiteDocument } from '../model/documents.ts';
import { toDateTime } from '../model/format.ts';
import { toJobAddress } from '../model/route.ts';
import { toSiteView } from '../model/site-view.ts';
import { useStore } from './context.ts';
import { Badge, Empty, Facts, Page, Panel, ProblemNote } from './parts/basics.tsx';
import { Table, type Column } from './parts/table.tsx';

export function SitePage({ site: name }: { site: string }): JSX.Element {
  const store = useStore();
  const site = store.live.value?.sites.get(name);
  if (!site)
    return (
      <Page title={name}>
        <p>
          No site of this name is admitted. <a href="#/sites">All sites</a>
        </p>
      </Page>
    );
  const view = toSiteView(site, store.nowMs.value);
  return (
    <Page title={name} lead={<Badge word={view.state.word} tone={view.state.tone} />}>
      <Panel title="About this site">
        <Facts facts={toFacts(site, view)} />
      </Panel>
      <History site={name} />
    </Page>
  );
}

function toFacts(site: SiteDocument, view: ReturnType<typeof toSiteView>) {
  return [
    ['Last seen', view.seen],
    ['Activity, as it says', view.activity === '' ? 'not reported' : view.activity],
    ['Version, as it says', view.version === '' ? 'not reported' : view.version],
    ['Backend, as it says', view.backend === '' ? 'not reported' : view.backend],
    ['Certificate', <span class={`tone-${view.certificate.tone}`}>{view.certificate.text}</span>],
    ['Admitted', toDateTime(site.admittedMs)],
    ['Fingerprint', <code>{site.fingerprint}</code>],
    ...(site.revoked
      ? ([['Revoked', `${toDateTime(site.revoked.atMs)}: ${site.revoked.reason}`]] as const)
      : []),
  ] as const;
}

function History({ site }: { site: string }): JSX.Element {
  const store = useStore();
  const contributions = useSignal<readonly Contribution[] | undefined>(undefined);
  const problem = useSignal<Problem | undefined>(undefined);
  useEffect(() => {
    const ending = new AbortController();
    const { signal } = ending;
    const read = async () => {
      try {
        contributions.value = await everyItem('contributions', (query) =>
          api.GET('/v1/sites/{site}/contributions', { params: { path: { site }, query }, signal }),
        );
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof Problem)) throw error;
        problem.value = error;
      }
    };
    void read();
    const leave = store.listen((event) => {
      const isOver = event.type === 'round' && ['published', 'failed'].includes(event.data.round.phase);
      if (isOver || event.type === 'reset') void read();
    });
    return () => {
      leave();
      ending.abort();
    };
  }, [site]);
  const rows = toContributionRows(contributions.value ?? []);
  return (
    <Panel title="Contributions">
      {problem.value && <ProblemNote problem={problem.value} />}
      {contributions.value && rows.length === 0 && <Empty>It has taken part in no round yet.</Empty>}
      {rows.length > 0 && <HistoryTable rows={rows} />}
    </Panel>
  );
}

const COLUMNS: readonly Column<ContributionRow>[] = [
  { head: 'When', class: 'nowrap', show: ({ when }) => when },
  { head: 'Job', isName: true, show: ({ job }) => <a href={toJobAddress(job)}>{job}</a> },
  {
    head: 'Round',
    show: ({ round, attempt }) => (
      <span>
        {round}
        {attempt !== '' && <span class="sub">{attempt}</span>}
      </span>
    ),
  },
  {
    head: 'Its update',
    show: ({ outcome: { word, tone }, why }) => (
      <span>
        <Badge word={word} tone={tone} />
        {why !== '' && <span class="sub sentence">{why}</span>}
      </span>
    ),
  },
  { head: 'Size', isNumber: true, show: ({ size }) => size },
];

function HistoryTable({ rows }: { rows: readonly ContributionRow[] }): JSX.Element {
  return (
    <Table
      caption="Rounds in which the site took part, the latest first"
      columns={COLUMNS}
      rows={rows}
      keyOf={({ key }) => key}
    />
  );
}
