// The typed client of the admin API, for browsers and for Node.
export * from './admin-client.ts';
export * from './problem.ts';
export type * from './schema.ts';
export { type AdminEvent, type EventType, type WatchOptions } from './watch-events.ts';
