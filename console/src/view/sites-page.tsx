// Every site: its program, when it was last heard of, until when its certificate is good.
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { SiteDocument } from '../model/documents.ts';
import { toSiteAddress } from '../model/route.ts';
import { sitesInOrder, toSiteView } from '../model/site-view.ts';
import { useStore } from './context.ts';
import { Badge, Empty, Page, Panel } from './parts/basics.tsx';

export function SitesPage(): JSX.Element {
  const store = useStore();
  const search = useSignal('');
  const all = sitesInOrder(store.live.value?.sites.values() ?? []);
  const shown = all.filter(({ site }) => site.includes(search.value.trim().toLowerCase()));
  return (
    <Page title="Sites" lead="Program and activity are what a site says of itself: shown, and not believed.">
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

function SiteTable({ sites }: { sites: readonly SiteDocument[] }): JSX.Element {
  const nowMs = useStore().nowMs.value;
  return (
    <div class="scroll">
      <table>
        <caption class="spoken">Sites, those that are away first</caption>
        <thead>
          <tr>
            <th scope="col">Site</th>
            <th scope="col">State</th>
            <th scope="col">Last seen</th>
            <th scope="col">Does</th>
            <th scope="col">Program</th>
            <th scope="col">Certificate</th>
          </tr>
        </thead>
        <tbody>
          {sites.map((site) => {
            const view = toSiteView(site, nowMs);
            return (
              <tr key={site.site}>
                <th scope="row">
                  <a href={toSiteAddress(site.site)}>{site.site}</a>
                </th>
                <td>
                  <Badge word={view.state.word} tone={view.state.tone} />
                </td>
                <td class="nowrap">{view.seen}</td>
                <td>{view.activity}</td>
                <td>{view.program}</td>
                <td class={`nowrap tone-${view.certificate.tone}`}>{view.certificate.text}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
