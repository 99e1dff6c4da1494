// The coordinator's admin API as the console asks it: the generated client, at the same origin and with the session's cookie.
import { createAdminClient } from '@blindsum/admin-client';

export { answerOf, everyItem, Problem } from '@blindsum/admin-client';

/** Calls throw a Problem for any answer but a good one, and for none. */
export const api = createAdminClient({
  baseUrl: location.origin,
  // The API redirects nobody: whatever does is not the coordinator.
  fetch: (request) => fetch(request, { credentials: 'same-origin', redirect: 'error' }),
});

/** The header of a write that is done once, also when its answer is lost and it is asked for again. */
export function onceOnly() {
  return { 'idempotency-key': crypto.randomUUID() };
}
