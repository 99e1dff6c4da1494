export * from './finding.ts';
export * from './judgements.ts';
