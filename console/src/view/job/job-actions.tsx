// What an operator may do to a job: pause, resume, cancel. Cancelling asks for a reason, which goes into the record.
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { api, onceOnly, Problem } from '../../api/api.ts';
import type { JobDetail } from '../../model/documents.ts';
import { isOpenJob } from '../../model/job-view.ts';
import { useStore } from '../context.ts';
import { ProblemNote } from '../parts/basics.tsx';

interface Params {
  readonly path: { readonly job: string };
  readonly header: ReturnType<typeof onceOnly>;
}

const pause = (params: Params) => api.POST('/v1/jobs/{job}/pause', { params });
const resume = (params: Params) => api.POST('/v1/jobs/{job}/resume', { params });
const cancel = (params: Params, reason: string) =>
  api.POST('/v1/jobs/{job}/cancel', { params, body: { reason } });

export function JobActions({ detail }: { detail: JobDetail }): JSX.Element | null {
  const store = useStore();
  const problem = useSignal<Problem | undefined>(undefined);
  const dialog = useRef<HTMLDialogElement>(null);
  if (!store.may('operator') || !isOpenJob(detail) || detail.state === 'cancelling') return null;
  const act = async (ask: (params: Params) => Promise<unknown>): Promise<void> => {
    try {
      await ask({ path: { job: detail.job }, header: onceOnly() });
      problem.value = undefined;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      problem.value = error;
    }
  };
  const isPaused = detail.state === 'paused' || detail.state === 'pausing';
  return (
    <>
      {problem.value && <ProblemNote problem={problem.value} />}
      <button type="button" onClick={() => void act(isPaused ? resume : pause)}>
        {isPaused ? 'Resume' : 'Pause'}
      </button>
      <button type="button" class="danger" onClick={() => dialog.current?.showModal()}>
        Cancel job
      </button>
      <dialog ref={dialog} aria-labelledby="cancel-title">
        <form
          method="dialog"
          onSubmit={(event) => {
            const reason = new FormData(event.currentTarget).get('reason');
            void act((params) => cancel(params, typeof reason === 'string' ? reason : ''));
          }}
        >
          <h2 id="cancel-title">Cancel {detail.job}?</h2>
          <p>
            Its current round ends first, so that nothing is half opened. A cancelled job cannot be resumed;
            the models of rounds that are published stay with the sites.
          </p>
          <label for="reason">Reason, for the record that sites and auditors see</label>
          <input id="reason" name="reason" type="text" required maxLength={200} autocomplete="off" />
          <div class="actions">
            <button type="submit" class="danger">
              Cancel the job
            </button>
            <button type="button" onClick={() => dialog.current?.close()}>
              Keep it
            </button>
          </div>
        </form>
      </dialog>
    </>
  );
}
