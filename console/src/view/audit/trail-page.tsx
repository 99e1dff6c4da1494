// Who did what: the coordinator's own record of administrative actions, for auditors and operators.
import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { toTrailRows, TRAIL_AREAS, type TrailRow } from '../../model/trail.ts';
import { TrailStore } from '../../store/trail-store.ts';
import { useStore } from '../context.ts';
import { Badge, Empty, Page, Panel, ProblemNote } from '../parts/basics.tsx';
import { Table, type Column } from '../parts/table.tsx';
import { AuditTabs } from './audit-tabs.tsx';

const LEAD =
  'Every action that changes something, and every sign-in, is written down before it is done. The public log vouches for these entries by a root over them, and names nobody.';
const HOUR_MS = 3_600_000;
const TIMES: readonly (readonly [number, string])[] = [
  [0, 'Any time'],
  [HOUR_MS, 'The last hour'],
  [24 * HOUR_MS, 'The last 24 hours'],
  [7 * 24 * HOUR_MS, 'The last 7 days'],
  [30 * 24 * HOUR_MS, 'The last 30 days'],
];

export function TrailPage(): JSX.Element {
  const store = useStore();
  const trail = useMemo(() => new TrailStore(() => store.nowMs.peek()), [store]);
  useEffect(() => {
    if (!store.may('auditor')) return;
    void trail.read();
    return store.listen((event) => trail.hear(event));
  }, [trail]);
  if (!store.may('auditor'))
    return (
      <Page title="Audit trail">
        <p>Reading the trail needs the scope auditor or operator, and yours is another.</p>
      </Page>
    );
  const { page, problem } = trail;
  const rows = page.value && toTrailRows(page.value.entries);
  return (
    <Page title="Audit trail" lead={LEAD}>
      <AuditTabs at="trail" />
      <Filters trail={trail} />
      {problem.value && <ProblemNote problem={problem.value} />}
      <Panel title="Who did what" aside="the latest first, as it happens">
        {rows === undefined ? (
          <p class="empty">Reading …</p>
        ) : (
          <Rows rows={rows} hasFilter={isNarrowed(trail)} />
        )}
        {page.value && page.value.next !== null && (
          <p class="more">
            <button type="button" onClick={() => void trail.readEarlier()}>
              Show earlier entries
            </button>
          </p>
        )}
      </Panel>
    </Page>
  );
}

function isNarrowed({ filter }: TrailStore): boolean {
  const { action, actor, withinMs } = filter.value;
  return action !== '' || actor.trim() !== '' || withinMs > 0;
}

function Filters({ trail }: { trail: TrailStore }): JSX.Element {
  const { action, actor, withinMs } = trail.filter.value;
  return (
    <form class="filters" aria-label="Filter the trail" onSubmit={(event) => event.preventDefault()}>
      <label>
        <span>About</span>
        <select value={action} onChange={(event) => void trail.seek({ action: event.currentTarget.value })}>
          <option value="">Everything</option>
          {TRAIL_AREAS.map(([value, word]) => (
            <option key={value} value={value}>
              {word}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>When</span>
        <select
          value={String(withinMs)}
          onChange={(event) => void trail.seek({ withinMs: Number(event.currentTarget.value) })}
        >
          {TIMES.map(([value, word]) => (
            <option key={value} value={String(value)}>
              {word}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>Who: the exact name of a key, user or person</span>
        <input
          type="search"
          value={actor}
          spellcheck={false}
          onChange={(event) => void trail.seek({ actor: event.currentTarget.value })}
        />
      </label>
    </form>
  );
}

function Rows({ rows, hasFilter }: { rows: readonly TrailRow[]; hasFilter: boolean }): JSX.Element {
  if (rows.length === 0)
    return <Empty>{hasFilter ? 'No entry that was looked at is like this.' : 'Nothing was done yet.'}</Empty>;
  return (
    <Table
      caption="Administrative actions, the latest first"
      class="trail"
      columns={COLUMNS}
      rows={rows}
      keyOf={({ sequence }) => String(sequence)}
    />
  );
}

const COLUMNS: readonly Column<TrailRow>[] = [
  { head: 'Entry', isNumber: true, class: 'muted', show: ({ sequence }) => sequence },
  { head: 'When', class: 'nowrap when', show: ({ when }) => when },
  {
    head: 'Who',
    show: ({ who, whoKind }) => (
      <span>
        <span class="name">{who}</span>
        <span class="sub">{whoKind}</span>
      </span>
    ),
  },
  {
    head: 'What',
    isName: true,
    show: ({ what, subject, detail }) => (
      <span>
        {subject === '' ? what : `${what}: `}
        {subject !== '' && <span class="name">{subject}</span>}
        {detail !== '' && <span class="sub">{detail}</span>}
      </span>
    ),
  },
  {
    head: 'Outcome',
    show: ({ outcome: { word, tone }, code }) => (
      <span>
        <Badge word={word} tone={tone} />
        {code !== '' && <code class="sub">{code}</code>}
      </span>
    ),
  },
  { head: 'From', class: 'nowrap', show: ({ from }) => from },
];
