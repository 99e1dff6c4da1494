// The round that is under way: its phase, its deadline, and each site's upload as it comes in.
import type { JSX } from 'preact';
import type { JobDetail, RoundDocument } from '../../model/documents.ts';
import { byName, toRelative } from '../../model/format.ts';
import { toRoundName } from '../../model/job-view.ts';
import { toSiteAddress } from '../../model/route.ts';
import { byUrgency, toSiteProgress, toTally, type Standing, type Uploads } from '../../model/uploads.ts';
import { PHASES, type Tone } from '../../model/words.ts';
import { useStore } from '../context.ts';
import { Badge, Meter, Panel } from '../parts/basics.tsx';
import { useMore } from '../parts/more.tsx';
import { PhaseSteps } from '../parts/phase-steps.tsx';

/** More sites are told by their number, and listed on demand. */
const FIRST = 24;

interface Props {
  readonly detail: JobDetail;
  readonly round: RoundDocument;
  readonly uploads: Uploads;
}

const STANDINGS: Readonly<Record<Standing, readonly [string, Tone]>> = {
  in: ['In', 'good'],
  uploading: ['Uploading', 'busy'],
  awaited: ['Awaited', 'wait'],
  out: ['Not in', 'quiet'],
};

export function CurrentRoundPanel({ detail, round, uploads }: Props): JSX.Element {
  const store = useStore();
  const sites = detail.members.map(({ site }) => site).toSorted(byName);
  const progress = toSiteProgress(round, sites, uploads);
  // A few stay where they are while their uploads come in.
  const [shown, more] = useMore(sites.length > FIRST ? byUrgency(progress) : progress, FIRST);
  const deadline =
    round.deadlineMs === null ? 'no deadline' : `deadline ${toRelative(round.deadlineMs, store.nowMs.value)}`;
  const title = `Now: ${toRoundName(round.round, detail.trainingRounds)}`;
  return (
    <Panel title={title} aside={`${round.attempt > 1 ? `attempt ${round.attempt}, ` : ''}${deadline}`}>
      <div class="current">
        <PhaseSteps phase={round.phase} />
        <p class="muted">
          {PHASES[round.phase].meaning} Updates: {toTally(progress)}.
        </p>
      </div>
      <ul class="uploads" aria-label="Updates, site by site">
        {shown.map(({ site, standing, fraction, text }) => {
          const isAway = store.live.value?.sites.get(site)?.online === false;
          const [word, tone] = STANDINGS[standing];
          return (
            <li key={site} data-site={site} data-standing={standing}>
              <a href={toSiteAddress(site)}>{site}</a>
              <Badge word={word} tone={tone} />
              <Meter
                value={fraction ?? 0.5}
                label={`${site}: upload`}
                tone={standing === 'in' ? 'good' : 'busy'}
              />
              <span class="muted">
                {text}
                {isAway && text !== '' && ' · '}
                {isAway && <span class="tone-warn">site is offline</span>}
              </span>
            </li>
          );
        })}
      </ul>
      {more}
    </Panel>
  );
}
