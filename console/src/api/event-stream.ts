// The coordinator's events by the generated client: its own reader of streams rather than the browser's EventSource, which tells of no
// status (so that a session that has ended looks like a coordinator that is gone), and notices no connection that has died silently.
import type { LiveEvent } from '../model/live-state.ts';
import { api } from './api.ts';

export type Connection = 'connecting' | 'live' | 'lost';

export interface Listener {
  readonly onEvent: (event: LiveEvent) => void;
  readonly onConnection: (connection: Connection) => void;
}

/** Follows until the signal is aborted, and goes on after the last event. Throws a Problem that another attempt does not mend. */
export async function followEvents(signal: AbortSignal, { onEvent, onConnection }: Listener): Promise<void> {
  const onState = (state: 'open' | 'waiting') => onConnection(state === 'open' ? 'live' : 'lost');
  for await (const event of api.watch({ signal, onState })) onEvent(event);
}
