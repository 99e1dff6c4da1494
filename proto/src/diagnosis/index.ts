export * from './failing-as.ts';
export * from './finding.ts';
export * from './judgements.ts';
