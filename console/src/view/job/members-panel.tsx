// Who belongs to a job, and whether they have consented.
import type { JSX } from 'preact';
import type { JobDetail } from '../../model/documents.ts';
import { byName } from '../../model/format.ts';
import { toSiteAddress } from '../../model/route.ts';
import type { Tone } from '../../model/words.ts';
import { Badge, Panel } from '../parts/basics.tsx';
import { useMore } from '../parts/more.tsx';

/** Those who have not consented come first. */
const FIRST = 48;

type Member = JobDetail['members'][number];

function toConsent({ consented, withdrawn }: Member): readonly [string, Tone] {
  if (withdrawn) return ['Withdrawn', 'quiet'];
  return consented ? ['Consented', 'good'] : ['No consent yet', 'wait'];
}

export function MembersPanel({ detail }: { detail: JobDetail }): JSX.Element {
  const consented = detail.members.filter((member) => member.consented && !member.withdrawn).length;
  const [shown, more] = useMore(
    detail.members.toSorted((a, b) => Number(a.consented) - Number(b.consented) || byName(a.site, b.site)),
    FIRST,
  );
  return (
    <Panel title="Members" aside={`${consented} of ${detail.members.length} take part`}>
      {detail.roster.waits !== null && <p class="note inset">{detail.roster.waits}</p>}
      <ul class="site-grid members">
        {shown.map((member) => {
          const [word, tone] = toConsent(member);
          return (
            <li key={member.site}>
              <a href={toSiteAddress(member.site)}>{member.site}</a>
              <Badge word={word} tone={tone} />
            </li>
          );
        })}
      </ul>
      {more}
    </Panel>
  );
}
