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

/** "a (why)", "3 sites (why): a, b and c", "188 sites (why)" and their names below. */
function Group({ label, group: { what, sites }, class: more = '' }: Props): JSX.Element {
  const names = toList(sites, sites.length);
  const isOne = sites.length === 1 || what === '';
  const why = what === '' ? '' : ` (${what})`;
  const count = `${toCount(sites.length, 'site')}${why}`;
  const head = <span class="muted">{label}:</span>;
  if (sites.length > MOST_NAMES)
    return (
      <details class={more}>
        <summary>
          {head} {count}
        </summary>
        {names}
      </details>
    );
  return (
    <p class={more}>
      {head} {isOne ? `${names}${why}` : `${count}: ${names}`}
    </p>
  );
}
