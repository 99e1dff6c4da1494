// Signing in: with an API key, or with the organisation's provider where there is one.
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { Problem } from '../api/api.ts';
import { useStore } from './context.ts';
import { ProblemNote } from './parts/basics.tsx';
import { Logo } from './shell.tsx';

/** Why the organisation's provider was of no use, in words: the address holds a code, and whoever wrote the address is not known. */
const REFUSALS: Readonly<Record<string, string>> = {
  NOT_ALLOWED:
    'Your organisation confirmed who you are, but nothing it says of you gives access here. Ask whoever operates this coordinator to name your group in its configuration (http.oidc.scopes).',
  UNAUTHENTICATED: 'Your organisation did not confirm this sign-in, or it took too long. Begin again.',
  UNAVAILABLE: 'The sign-in of your organisation does not answer. Try again later, or use an API key.',
};
const OTHER_REFUSAL = 'Signing in with your organisation failed. Begin again, or use an API key.';

export function SignIn({ refusal }: { refusal: string | undefined }): JSX.Element {
  const options = useStore().options.value;
  useEffect(() => {
    document.title = 'Sign in · Blindsum';
  }, []);
  return (
    <main class="sign-in" id="main">
      <div class="brand">
        <Logo />
        <div>
          <strong>Blindsum</strong>
          <span class="federation">{options?.federation ?? ''}</span>
        </div>
      </div>
      <div class="card">
        <h1>Sign in</h1>
        {refusal !== undefined && (
          <p class="note bad" role="alert" data-refusal={refusal}>
            {(Object.hasOwn(REFUSALS, refusal) && REFUSALS[refusal]) || OTHER_REFUSAL}
          </p>
        )}
        {options?.openId === true && (
          <>
            <a class="button primary wide" href="/v1/sign-in">
              Sign in with your organisation
            </a>
            <p class="or">or with an API key</p>
          </>
        )}
        <KeyForm />
      </div>
    </main>
  );
}

function KeyForm(): JSX.Element {
  const store = useStore();
  const problem = useSignal<Problem | undefined>(undefined);
  const isBusy = useSignal(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const field = new FormData(event.currentTarget as HTMLFormElement).get('key');
    isBusy.value = true;
    try {
      await store.signIn(typeof field === 'string' ? field.trim() : '');
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      problem.value = error;
    } finally {
      isBusy.value = false;
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <label for="key">API key</label>
      <input id="key" name="key" type="password" autocomplete="off" required spellcheck={false} autofocus />
      <p class="help">
        The coordinator prints one at its first start; <code>blindsum-coordinator keys create</code> makes
        more. It is traded for a session of this browser, and not kept.
      </p>
      {problem.value && <ProblemNote problem={problem.value} />}
      <button type="submit" class="primary wide" disabled={isBusy.value}>
        Sign in
      </button>
    </form>
  );
}
