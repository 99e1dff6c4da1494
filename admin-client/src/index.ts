// The typed client of the admin API, for browsers and for Node.
export * from './admin-client.ts';
export * from './problem.ts';
export type * from './documents.ts';
export { type WatchOptions } from './watch-events.ts';
