// Signing in: with an API key, or with the organisation's provider where there is one.
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { Problem } from '../api/api.ts';
import { useStore } from './context.ts';
import { ProblemNote } from './parts/basics.tsx';
import { Logo } from './shell.tsx';

export function SignIn(): JSX.Element {
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
      <h1>Sign in</h1>
      {options?.openId === true && (
        <>
          <a class="button primary wide" href="/v1/sign-in">
            Sign in with your organisation
          </a>
          <p class="or">or with an API key</p>
        </>
      )}
      <KeyForm />
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
