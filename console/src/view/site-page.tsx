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
      <Panel title="What it is">
        <Facts facts={toFacts(site, view)} />
      </Panel>
      <History site={name} />
    </Page>
  );
}

function toFacts(site: SiteDocument, view: ReturnType<typeof toSiteView>) {
  return [
    ['Last seen', view.seen],
    ['Does', view.activity === '' ? 'nothing that is known' : view.activity],
    ['Program, as it says', view.program === '' ? 'not reported' : view.program],
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
        contributions.value = await everyItem(
          (query) => api.GET('/v1/sites/{site}/contributions', { params: { path: { site }, query }, signal }),
          (page) => page.contributions,
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

function HistoryTable({ rows }: { rows: readonly ContributionRow[] }): JSX.Element {
  return (
    <div class="scroll">
      <table>
        <caption class="spoken">Rounds in which the site took part, the latest first</caption>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Job</th>
            <th scope="col">Round</th>
            <th scope="col">Its update</th>
            <th scope="col" class="number">
              Bytes
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.key}>
              <td class="nowrap">{row.when}</td>
              <td>
                <a href={toJobAddress(row.job)}>{row.job}</a>
              </td>
              <td>{row.round}</td>
              <td>
                <Badge word={row.outcome.word} tone={row.outcome.tone} />
                {row.why !== '' && <span class="sub">{row.why}</span>}
              </td>
              <td class="number">{row.bytes}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
