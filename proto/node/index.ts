export * from './key-stream.ts';
export * from './bulk-hash.ts';
