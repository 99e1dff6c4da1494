// How a job goes on: the round it is at, site by site; curves; every round as a bar of phases; what they took.
import type { JSX } from 'preact';
import { toCurveGroups } from '../../model/curves.ts';
import type { JobDetail } from '../../model/documents.ts';
import { toBytes, toDateTime, toDuration, toNumberText } from '../../model/format.ts';
import { toPhaseCosts, toTimeline, type PhaseCost } from '../../model/round-timeline.ts';
import { isUnderWay } from '../../model/uploads.ts';
import type { JobStore } from '../../store/job-store.ts';
import { useStore } from '../context.ts';
import { Empty, Facts, Hash, Panel } from '../parts/basics.tsx';
import { Chart } from './chart.tsx';
import { CurrentRoundPanel } from './current-round-panel.tsx';
import { MembersPanel } from './members-panel.tsx';
import { PhaseLegend, Timeline } from './timeline.tsx';

export function ProgressTab({ store, detail }: { store: JobStore; detail: JobDetail }): JSX.Element {
  const nowMs = useStore().nowMs.value;
  const rounds = store.rounds.value;
  const groups = toCurveGroups(store.curves.value);
  const attempts = toTimeline(rounds, detail.trainingRounds, nowMs);
  const costs = toPhaseCosts(rounds);
  const last = rounds.at(-1);
  return (
    <>
      {last && isUnderWay(detail.current) && (
        <CurrentRoundPanel detail={detail} round={last} uploads={store.uploads.value} />
      )}
      {(rounds.length === 0 || detail.state === 'joining') && <MembersPanel detail={detail} />}
      {groups.length > 0 && (
        <Panel title="Curves" aside="totals over all sites that were opened; nobody sees one site’s">
          <div class="charts">
            {groups.map((group) => (
              <Chart key={group.title} group={group} />
            ))}
          </div>
        </Panel>
      )}
      <Panel title="Rounds" aside={<PhaseLegend />}>
        {attempts.length === 0 ? (
          <Empty>The first round has not begun.</Empty>
        ) : (
          <Timeline attempts={attempts} />
        )}
      </Panel>
      {costs.length > 0 && (
        <Panel title="Time by phase">
          <CostTable costs={costs} />
        </Panel>
      )}
      <Panel title="In numbers">
        <Facts
          facts={[
            ['Parameters', toNumberText(detail.parameters)],
            ['Submitted', toDateTime(detail.submittedMs)],
            ['Kept on disk', toBytes(detail.bytesOnDisk)],
            ['Roster', `version ${detail.roster.version}`],
            ['Manifest', <Hash value={detail.manifestHash} />],
            ['Final model', detail.modelHash === null ? 'not yet' : <Hash value={detail.modelHash} />],
          ]}
        />
      </Panel>
      {rounds.length > 0 && detail.state !== 'joining' && <MembersPanel detail={detail} />}
    </>
  );
}

function CostTable({ costs }: { costs: readonly PhaseCost[] }): JSX.Element {
  return (
    <div class="scroll">
      <table class="costs">
        <caption class="spoken">Time by phase, over all attempts that have ended</caption>
        <thead>
          <tr>
            <th scope="col">Phase</th>
            <th scope="col">Share of the time</th>
            <th scope="col" class="number">
              Mean
            </th>
            <th scope="col" class="number">
              Longest
            </th>
          </tr>
        </thead>
        <tbody>
          {costs.map(({ phase, word, share, meanMs, longestMs }) => (
            <tr key={phase}>
              <th scope="row">{word}</th>
              <td>
                <span class="share">
                  <span class={`segment ${phase}`} style={{ width: `${Math.max(1, share * 100)}%` }} />
                </span>
                <span class="share-text">{Math.round(share * 100)} %</span>
              </td>
              <td class="number">{toDuration(meanMs)}</td>
              <td class="number">{toDuration(longestMs)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
