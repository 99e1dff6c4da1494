export * from './round-trace.ts';
export * from './start-tracing.ts';
export * from './trace-fields.ts';
export * from './traced.ts';
