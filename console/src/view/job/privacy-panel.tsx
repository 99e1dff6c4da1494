// Who can read what in this job, in words.
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { answerOf, api, Problem } from '../../api/api.ts';
import type { JobDetail, PrivacyDocument } from '../../model/documents.ts';
import { toFlowRows, toStatements } from '../../model/privacy.ts';
import { Badge, Panel, ProblemNote } from '../parts/basics.tsx';

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

function FlowTable({ privacy }: { privacy: PrivacyDocument }): JSX.Element {
  return (
    <div class="scroll">
      <table>
        <caption class="spoken">What leaves a site, in which form, and who can read it</caption>
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">When</th>
            <th scope="col">Who can read it</th>
            <th scope="col">Form</th>
            <th scope="col">Once the sum is opened, members learn</th>
          </tr>
        </thead>
        <tbody>
          {toFlowRows(privacy).map(({ what, when, form, readers, afterwards }) => (
            <tr key={what}>
              <th scope="row">{what}</th>
              <td>{when}</td>
              <td>
                <Badge word={readers.word} tone={readers.tone} />
              </td>
              <td>{form}</td>
              <td>{afterwards}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
