// How a job goes on: the round it is at, site by site; curves; every round as a bar of phases; what they took.
import type { JSX } from 'preact';
import { toCurveGroups } from '../../model/curves.ts';
import type { JobDetail } from '../../model/documents.ts';
import { toDateTime, toDuration, toNumberText, toSize } from '../../model/format.ts';
import { toPhaseCosts, toTimeline, type PhaseCost } from '../../model/round-timeline.ts';
import { isUnderWay } from '../../model/uploads.ts';
import type { JobStore } from '../../store/job-store.ts';
import { useStore } from '../context.ts';
import { Empty, Facts, Hash, Panel } from '../parts/basics.tsx';
import { Table, type Column } from '../parts/table.tsx';
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
      <Panel title="Rounds" aside={attempts.length > 0 && <PhaseLegend />}>
        {attempts.length === 0 ? (
          <Empty>The first round has not begun.</Empty>
        ) : (
          <Timeline attempts={attempts} nowMs={nowMs} />
        )}
      </Panel>
      {costs.length > 0 && (
        <Panel
          title="Time and bytes by phase"
          aside="uploads, downloads and signed messages, as the coordinator received and sent them"
        >
          <CostTable costs={costs} />
        </Panel>
      )}
      <Panel title="In numbers">
        <Facts
          facts={[
            ['Parameters', toNumberText(detail.parameters)],
            ['Submitted', toDateTime(detail.submittedMs)],
            ['Kept on disk', toSize(detail.bytesOnDisk) || 'nothing'],
            ['Roster', `version ${detail.roster.version}`],
            ['Manifest', <Hash value={detail.manifestHash} />],
            [
              'Final model',
              detail.modelHash === null ? toMissing(detail) : <Hash value={detail.modelHash} />,
            ],
          ]}
        />
      </Panel>
      {rounds.length > 0 && detail.state !== 'joining' && <MembersPanel detail={detail} />}
    </>
  );
}

function toMissing({ state }: JobDetail): string {
  return state === 'failed' || state === 'cancelled' ? 'none' : 'not yet';
}

const COLUMNS: readonly Column<PhaseCost>[] = [
  { head: 'Phase', isName: true, show: ({ word }) => word },
  {
    head: 'Share of the time',
    class: 'share-cell',
    show: ({ phase, time }) => time && <Share phase={phase} share={time.share} />,
  },
  { head: 'Mean', isNumber: true, show: ({ time }) => time && toDuration(time.meanMs) },
  { head: 'Longest', isNumber: true, show: ({ time }) => time && toDuration(time.longestMs) },
  { head: 'Received', isNumber: true, show: ({ receivedBytes }) => toSize(receivedBytes) },
  { head: 'Sent', isNumber: true, show: ({ sentBytes }) => toSize(sentBytes) },
];

function Share({ phase, share }: { phase: string; share: number }): JSX.Element {
  return (
    <span class="share-line">
      <span class="share">
        <span class={`segment ${phase}`} style={{ width: `${Math.max(1, share * 100)}%` }} />
      </span>
      <span class="share-text">{Math.round(share * 100)} %</span>
    </span>
  );
}

function CostTable({ costs }: { costs: readonly PhaseCost[] }): JSX.Element {
  return (
    <Table
      caption="Time by phase, over all attempts that have ended, and bytes, over all attempts"
      class="costs"
      columns={COLUMNS}
      rows={costs}
      keyOf={({ phase }) => phase}
    />
  );
}
