// What stands around every page: where one can go, whether news comes in, who one is.
import type { ComponentChildren, JSX } from 'preact';
import type { Connection } from '../api/event-stream.ts';
import type { SessionDocument } from '../model/documents.ts';
import type { Route } from '../model/route.ts';
import { changeTheme, theme } from '../theme.ts';
import { useStore } from './context.ts';

interface Place {
  readonly name: string;
  readonly href: string;
  readonly pages: readonly Route['page'][];
}

const PLACES: readonly Place[] = [
  { name: 'Overview', href: '#/', pages: ['overview'] },
  { name: 'Jobs', href: '#/jobs', pages: ['jobs', 'job'] },
  { name: 'Sites', href: '#/sites', pages: ['sites', 'site'] },
  { name: 'Submit a job', href: '#/submit', pages: ['submit'] },
  { name: 'Audit', href: '#/audit', pages: ['audit', 'trail'] },
];

export function Shell({ route, children }: { route: Route; children: ComponentChildren }): JSX.Element {
  const store = useStore();
  const federation = store.live.value?.overview.federation ?? '';
  return (
    <div class="shell">
      <a class="skip" href="#main" onClick={skip}>
        Skip to the content
      </a>
      <header class="side">
        <div class="brand">
          <Logo />
          <div>
            <strong>Blindsum</strong>
            <span class="federation">{federation}</span>
          </div>
        </div>
        <nav aria-label="Pages">
          <ul>
            {PLACES.filter(({ href }) => href !== '#/submit' || store.may('operator')).map(
              ({ name, href, pages }) => (
                <li key={href}>
                  <a href={href} aria-current={pages.includes(route.page) ? 'page' : undefined}>
                    {name}
                  </a>
                </li>
              ),
            )}
          </ul>
        </nav>
        <Foot />
      </header>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}

/** An address with `#` of its own would be taken for a page. */
function skip(event: Event): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}

function Foot(): JSX.Element {
  const store = useStore();
  const session = store.session.value;
  return (
    <div class="foot">
      <ConnectionState connection={store.connection.value} />
      {typeof session === 'object' && (
        <p class="who">
          {nameOf(session)} <span class="scope">{session.scope}</span>
        </p>
      )}
      <div class="foot-actions">
        <button type="button" class="plain" onClick={changeTheme}>
          Colours: {theme.value}
        </button>
        <button type="button" class="plain" onClick={() => void store.signOut()}>
          Sign out
        </button>
      </div>
    </div>
  );
}

const CONNECTIONS: Readonly<Record<Connection, string>> = {
  connecting: 'Connecting …',
  live: 'Live',
  lost: 'Not connected: trying again',
};

function ConnectionState({ connection }: { connection: Connection }): JSX.Element {
  return (
    <p class={`connection ${connection}`} role="status" data-connection={connection}>
      <span class="dot" aria-hidden="true" />
      {CONNECTIONS[connection]}
    </p>
  );
}

function nameOf({ actor }: SessionDocument): string {
  return actor.kind === 'key' ? actor.name : actor.subject;
}

export function Logo(): JSX.Element {
  return (
    <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" />
      <path d="M22.5 10.2V7.5h-13v2.1l6.2 6.4-6.2 6.4v2.1h13v-2.7h-8.6l5.6-5.8-5.6-5.8z" />
      <path class="band" d="M5 16h22" />
    </svg>
  );
}
