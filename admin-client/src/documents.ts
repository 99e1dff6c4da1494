// The types of documents and events alone, for code that has neither a network nor a platform.
export type * from './admin-event.ts';
export type * from './schema.ts';
