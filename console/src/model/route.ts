// The pages of the console and their addresses, which stand behind the `#`: the coordinator serves one document.

export type JobTab = 'progress' | 'privacy' | 'settings';

export type Route =
  | { readonly page: 'overview' }
  | { readonly page: 'jobs' }
  | { readonly page: 'job'; readonly job: string; readonly tab: JobTab }
  | { readonly page: 'submit' }
  | { readonly page: 'sites' }
  | { readonly page: 'site'; readonly site: string }
  /** Signing in with the organisation's provider failed: with the coordinator's code. */
  | { readonly page: 'refused'; readonly code: string }
  | { readonly page: 'audit' }
  | { readonly page: 'trail' }
  | { readonly page: 'unknown' };

/** The page of an address such as `#/jobs/breast-cancer/privacy`. */
export function parseRoute(hash: string): Route {
  const [page = '', name, tab, ...more] = hash
    .replace(/^#?\/?/, '')
    .split('/')
    .map(decode);
  if (more.length > 0) return { page: 'unknown' };
  if (name === undefined) return parsePage(page);
  if (page === 'jobs' && name !== '' && isTab(tab)) return { page: 'job', job: name, tab: tab ?? 'progress' };
  if (page === 'audit' && name === 'trail' && tab === undefined) return { page: 'trail' };
  if (page === 'sign-in' && tab === undefined) return { page: 'refused', code: name };
  if (page === 'sites' && name !== '' && tab === undefined) return { page: 'site', site: name };
  return { page: 'unknown' };
}

function parsePage(page: string): Route {
  switch (page) {
    case '':
      return { page: 'overview' };
    case 'jobs':
    case 'submit':
    case 'sites':
    case 'audit':
      return { page };
    default:
      return { page: 'unknown' };
  }
}

function isTab(tab: string | undefined): tab is JobTab | undefined {
  return tab === undefined || tab === 'progress' || tab === 'privacy' || tab === 'settings';
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function toJobAddress(job: string, tab: JobTab = 'progress'): string {
  return `#/jobs/${encodeURIComponent(job)}${tab === 'progress' ? '' : `/${tab}`}`;
}

export function toSiteAddress(site: string): string {
  return `#/sites/${encodeURIComponent(site)}`;
}
