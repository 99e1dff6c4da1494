// Which page is shown: by the address behind the `#`, once somebody is signed in.
import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { parseRoute, type Route } from '../model/route.ts';
import { useStore } from './context.ts';
import { JobList } from './job-list.tsx';
import { Overview } from './overview.tsx';
import { Page, ProblemNote } from './parts/basics.tsx';
import { Shell } from './shell.tsx';
import { SignIn } from './sign-in.tsx';
import { Later } from './later.tsx';

const route = signal<Route>(parseRoute(location.hash));

window.addEventListener('hashchange', () => {
  route.value = parseRoute(location.hash);
});

export function App(): JSX.Element {
  const { session, problem, live } = useStore();
  if (session.value === 'nobody')
    return <SignIn refusal={route.value.page === 'refused' ? route.value.code : undefined} />;
  if (session.value === 'unknown' && !problem.value)
    return <p class="starting">Connecting to the coordinator …</p>;
  return (
    <Shell route={route.value}>
      {problem.value && <ProblemNote problem={problem.value} />}
      {live.value ? <Shown route={route.value} /> : <p class="starting">Reading …</p>}
    </Shell>
  );
}

function Shown({ route: shown }: { route: Route }): JSX.Element {
  switch (shown.page) {
    case 'overview':
    // Whoever is signed in by now need not hear of an attempt before.
    case 'refused':
      return <Overview />;
    case 'jobs':
      return <JobList />;
    case 'job':
      return <Later name="job" key={shown.job} job={shown.job} tab={shown.tab} />;
    case 'sites':
      return <Later name="sites" />;
    case 'site':
      return <Later name="site" key={shown.site} site={shown.site} />;
    case 'submit':
      return <Later name="submit" />;
    case 'audit':
      return <Later name="audit" />;
    case 'trail':
      return <Later name="trail" />;
    case 'unknown':
      return (
        <Page title="No such page">
          <p>
            There is nothing at this address. <a href="#/">Go to the overview.</a>
          </p>
        </Page>
      );
  }
}
