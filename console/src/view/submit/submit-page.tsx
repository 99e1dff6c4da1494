// Submitting a job: write it, sign it, hand it in.
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { EXAMPLE_JOB } from '../../model/example-job.ts';
import * as submission from '../../store/submission-store.ts';
import { useStore } from '../context.ts';
import { Page, ProblemNote } from '../parts/basics.tsx';
import { Editor } from './editor.tsx';
import { FileButton } from './file-button.tsx';
import { SidePanels } from './side-panels.tsx';
import { SignPanel } from './sign-panel.tsx';

const LEAD =
  'A job is signed by its author, in this browser or elsewhere. Submitting decides nothing: each site takes part only if its own policy and people allow it.';

export function SubmitPage(): JSX.Element {
  const store = useStore();
  const name = store.live.value?.overview.federation;
  useEffect(() => {
    if (name !== undefined) submission.federation.value = name;
    void submission.readRoster();
  }, [name]);
  if (!store.may('operator'))
    return (
      <Page title="Submit a job">
        <p>Submitting needs the scope operator, and yours is another.</p>
      </Page>
    );
  const { trouble, problem, signedFile } = submission;
  return (
    <Page title="Submit a job" lead={LEAD} actions={<Sources />}>
      {trouble.value !== undefined && (
        <p class="note bad" role="alert">
          {trouble.value}
        </p>
      )}
      {problem.value && <ProblemNote problem={problem.value} />}
      {signedFile.value ? (
        <SignPanel />
      ) : (
        <div class="submit">
          <div class="writes">
            <Editor />
          </div>
          <SidePanels />
          <div class="signs">
            <SignPanel />
          </div>
        </div>
      )}
    </Page>
  );
}

function Sources(): JSX.Element {
  return (
    <>
      <button type="button" onClick={() => (submission.text.value = EXAMPLE_JOB)}>
        Begin with an example
      </button>
      <FileButton
        label="Open a file"
        accept=".yaml,.yml,.json"
        onFile={(file) => void submission.openFile(file)}
      />
    </>
  );
}
