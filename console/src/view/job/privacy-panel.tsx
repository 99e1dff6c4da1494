// Who can read what in this job, in words.
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { answerOf, api, Problem } from '../../api/api.ts';
import type { JobDetail, PrivacyDocument } from '../../model/documents.ts';
import { toFlowRows, toStatements, type FlowRow } from '../../model/privacy.ts';
import { Badge, Panel, ProblemNote } from '../parts/basics.tsx';
import { Table, type Column } from '../parts/table.tsx';

export function PrivacyPanel({ detail: { job } }: { detail: JobDetail }): JSX.Element {
  const privacy = useSignal<PrivacyDocument | undefined>(undefined);
  const problem = useSignal<Problem | undefined>(undefined);
  useEffect(() => {
    answerOf(api.GET('/v1/jobs/{job}/privacy', { params: { path: { job } } })).then(
      (found) => (privacy.value = found),
      (error: unknown) => {
        if (!(error instanceof Problem)) throw error;
        problem.value = error;
      },
    );
  }, [job]);
  if (problem.value) return <ProblemNote problem={problem.value} />;
  if (!privacy.value) return <p class="starting">Reading …</p>;
  return (
    <>
      <Panel title="Who can read what">
        <ul class="statements">
          {toStatements(privacy.value).map(({ title, text }) => (
            <li key={title}>
              <h3>{title}</h3>
              <p>{text}</p>
            </li>
          ))}
        </ul>
      </Panel>
      <Panel title="What leaves a site">
        <FlowTable privacy={privacy.value} />
      </Panel>
    </>
  );
}

const COLUMNS: readonly Column<FlowRow>[] = [
  { head: 'What', isName: true, show: ({ what }) => what },
  { head: 'When', show: ({ when }) => when },
  { head: 'Who can read it', show: ({ readers: { word, tone } }) => <Badge word={word} tone={tone} /> },
  { head: 'Form', class: 'form', show: ({ form }) => form },
  { head: 'Members learn', show: ({ afterwards }) => afterwards },
];

function FlowTable({ privacy }: { privacy: PrivacyDocument }): JSX.Element {
  return (
    <Table
      caption="What leaves a site, in which form, and who can read it"
      class="sentences"
      columns={COLUMNS}
      rows={toFlowRows(privacy)}
      keyOf={({ what }) => what}
    />
  );
}
