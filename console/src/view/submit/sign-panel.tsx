// Signing what was written, or handing in what was signed elsewhere. The key is read here and sent nowhere.
import { authorFingerprint } from '@blindsum/proto';
import type { JSX } from 'preact';
import { toJobAddress } from '../../model/route.ts';
import * as submission from '../../store/submission-store.ts';
import { Panel } from '../parts/basics.tsx';
import { download, FileButton } from './file-button.tsx';

async function handIn(file: string | undefined): Promise<void> {
  const job = file === undefined ? undefined : await submission.submit(file);
  if (job !== undefined) location.hash = toJobAddress(job);
}

export function SignPanel(): JSX.Element {
  const signed = submission.signedFile.value;
  return signed ? <SignedElsewhere {...signed} /> : <SignHere />;
}

function SignedElsewhere({ job, by, file }: { job: string; by: string; file: string }): JSX.Element {
  return (
    <Panel title="Signed job">
      <div class="sign">
        <p>
          <strong>{job}</strong>, signed by {by}. The coordinator and every site verify the signature.
        </p>
        <div class="actions">
          <button type="button" class="primary" onClick={() => void handIn(file)}>
            Submit the job
          </button>
          <button type="button" onClick={() => (submission.signedFile.value = undefined)}>
            Put it away
          </button>
        </div>
      </div>
    </Panel>
  );
}

function SignHere(): JSX.Element {
  const isRight = submission.checked.value?.kind === 'right';
  const author = submission.author.value?.author;
  return (
    <Panel title="Sign and submit">
      <div class="sign">
        {author ? (
          <p>
            Signed as <strong>{author.name}</strong>, <code>{authorFingerprint(author)}</code>. Sites that
            list this fingerprint take jobs from it.
          </p>
        ) : (
          <p class="muted">
            Choose the author’s key file (<code>blindsum-coordinator author keygen</code>). It is read in this
            browser and sent nowhere: what leaves it is the signature.
          </p>
        )}
        <div class="actions">
          <FileButton
            label={author ? 'Another key' : 'Choose the key file'}
            onFile={(file) => void submission.openKey(file)}
          />
          <button
            type="button"
            class="primary"
            disabled={!isRight || !author}
            onClick={() => void submission.sign().then(handIn)}
          >
            Sign and submit
          </button>
          <button
            type="button"
            disabled={!isRight}
            onClick={() => download('job.yaml', submission.text.value)}
          >
            Download unsigned
          </button>
        </div>
      </div>
    </Panel>
  );
}
