export * from './key-hint.ts';
export * from './model-statement.ts';
export * from './sigstore-bundle.ts';
export * from './trusted-root.ts';
export * from './verify-bundle.ts';
