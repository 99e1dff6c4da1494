export * from './merkle.ts';
export * from './merkle-frontier.ts';
