export * from './checkpoint.ts';
export * from './entry-bundle.ts';
export * from './merkle-frontier.ts';
export * from './merkle.ts';
export * from './note-key.ts';
export * from './note.ts';
export * from './tile.ts';
