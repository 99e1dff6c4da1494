// Every site: its program, when it was last heard of, until when its certificate is good.
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { SiteDocument } from '../model/documents.ts';
import { toSiteAddress } from '../model/route.ts';
import { sitesInOrder, toSiteView, type SiteView } from '../model/site-view.ts';
import { useStore } from './context.ts';
import { Badge, Empty, Page, Panel } from './parts/basics.tsx';
import { Table, type Column } from './parts/table.tsx';

export function SitesPage(): JSX.Element {
  const store = useStore();
  const search = useSignal('');
  const all = sitesInOrder(store.live.value?.sites.values() ?? []);
  const shown = all.filter(({ site }) => site.includes(search.value.trim().toLowerCase()));
  return (
    <Page
      title="Sites"
      lead="Activity, version and backend are what a site says of itself: shown, and not believed."
    >
      {all.length > 8 && (
        <label class="search">
          <span>Find a site</span>
          <input
            type="search"
            value={search.value}
            onInput={(event) => (search.value = event.currentTarget.value)}
          />
        </label>
      )}
      <Panel title={shown.length === 1 ? '1 site' : `${shown.length} sites`}>
        {shown.length === 0 ? <Empty>There are none.</Empty> : <SiteTable sites={shown} />}
      </Panel>
    </Page>
  );
}

const COLUMNS: readonly Column<SiteView>[] = [
  { head: 'Site', isName: true, show: ({ site }) => <a href={toSiteAddress(site)}>{site}</a> },
  { head: 'State', show: ({ state: { word, tone } }) => <Badge word={word} tone={tone} /> },
  { head: 'Last seen', class: 'nowrap', show: ({ seen }) => seen },
  { head: 'Activity', show: ({ activity }) => activity },
  { head: 'Version', class: 'nowrap', show: ({ version }) => version },
  { head: 'Backend', class: 'nowrap', show: ({ backend }) => backend },
  {
    head: 'Certificate',
    class: 'nowrap',
    show: ({ certificate: { text, tone } }) => <span class={`tone-${tone}`}>{text}</span>,
  },
];

function SiteTable({ sites }: { sites: readonly SiteDocument[] }): JSX.Element {
  const nowMs = useStore().nowMs.value;
  const rows = sites.map((site) => toSiteView(site, nowMs));
  return (
    <Table
      caption="Sites, those that are away first"
      columns={COLUMNS}
      rows={rows}
      keyOf={({ site }) => site}
    />
  );
}
