// Who is in an attempt, who is not and why, for whom it waits: a line for each reason, however many sites share it.
import type { JSX } from 'preact';
import { toCount, toList } from '../../model/format.ts';
import type { AttemptView, SiteGroup } from '../../model/round-timeline.ts';

/** More are told by their number, and named when one asks. */
const MOST_NAMES = 8;

export function SiteGroups({ attempt }: { attempt: AttemptView }): JSX.Element {
  const { contributors, leftOut, awaited, failure } = attempt;
  return (
    <div class="who-is-in">
      {contributors.length > 0 && <Group label="In" group={{ what: '', sites: contributors }} />}
      {leftOut.map((group) => (
        <Group key={group.what} label="Not in" class="left-out" group={group} />
      ))}
      {awaited.map((group) => (
        <Group key={group.what} label="Awaited" group={group} />
      ))}
      {failure !== undefined && <p class="tone-bad">{failure}</p>}
    </div>
  );
}

interface Props {
  readonly label: string;
  readonly group: SiteGroup;
  readonly class?: string;
}

function Group({ label, group: { what, sites }, class: more = '' }: Props): JSX.Element {
  const text = toText(sites, what);
  const head = (
    <>
      <span class="muted">{label}:</span> {text}
    </>
  );
  if (sites.length <= MOST_NAMES) return <p class={more}>{head}</p>;
  return (
    <details class={more}>
      <summary>{head}</summary>
      {toList(sites, sites.length)}
    </details>
  );
}

/** "a: why", "3 sites, why: a, b and c", "188 sites, why". */
function toText(sites: readonly string[], what: string): string {
  const names = toList(sites, MOST_NAMES);
  if (sites.length > MOST_NAMES) return [toCount(sites.length, 'site'), what].filter(Boolean).join(', ');
  if (what === '') return names;
  return sites.length === 1 ? `${names}, ${what}` : `${toCount(sites.length, 'site')}, ${what}: ${names}`;
}
