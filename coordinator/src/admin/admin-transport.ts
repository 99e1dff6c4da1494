// How commands reach the coordinator: over its socket, as the user who gives them.
import { createAdminClient, type AdminClient, type AdminClientOptions } from '@blindsum/admin-client';
import { socketFetch } from '@blindsum/admin-client/node';
import { commandUser, encodeName, USER_HEADER } from './admin-caller.ts';

export interface HowToStart {
  /** Said in the same line as that nobody answers. */
  readonly start: string;
  /** Said to a person after it. */
  readonly hint: string;
}

const START: HowToStart = { start: 'it does not run', hint: 'Start the coordinator.' };

/** The coordinator that listens at `socketPath`; whoever gives the command is named. */
export function connectSocket(socketPath: string, how: HowToStart = START): AdminClient {
  return createAdminClient(socketOptions(socketPath, how));
}

function socketOptions(socketPath: string, { start, hint }: HowToStart): AdminClientOptions {
  return {
    fetch: socketFetch(socketPath),
    baseUrl: 'http://admin.sock',
    headers: { [USER_HEADER]: encodeName(commandUser()) },
    whenSilent: () => ({ detail: `no coordinator answers at ${socketPath}; ${start}`, hint }),
  };
}
