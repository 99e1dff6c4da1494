export * from './bytes.ts';
export * from './canonical-json.ts';
export * from './digest.ts';
export * from './parameter-set.ts';
export * from './refusal.ts';
