/** The house rules of ARCHITECTURE: who may import whom. */
module.exports = {
  forbidden: [
    {
      name: 'proto-imports-none',
      severity: 'error',
      from: { path: '^proto/' },
      to: { path: '^(coordinator|participant|auditor|page|scripts|test)/' },
    },
    {
      name: 'core-has-no-node-adapter',
      comment: 'The pure core also runs in a browser',
      severity: 'error',
      from: { path: '^proto/src/', pathNot: '\\.(test|fixture)\\.ts$' },
      to: { path: '^(proto/node/|proto/gen/)|^node:' },
    },
    {
      name: 'coordinator-knows-no-other',
      severity: 'error',
      from: { path: '^coordinator/' },
      to: { path: '^(participant|auditor)/' },
    },
    {
      name: 'participant-knows-no-other',
      severity: 'error',
      from: { path: '^participant/' },
      to: { path: '^(coordinator|auditor)/' },
    },
    {
      name: 'auditor-knows-no-other',
      severity: 'error',
      from: { path: '^auditor/' },
      to: { path: '^(coordinator|participant)/' },
    },
    {
      name: 'page-knows-no-other',
      severity: 'error',
      from: { path: '^page/' },
      to: { path: '^(coordinator|participant|auditor)/' },
    },
    {
      name: 'page-runs-in-a-browser',
      severity: 'error',
      from: { path: '^page/src/', pathNot: '\\.(test|fixture)\\.ts$' },
      to: { path: '^(proto/node/|proto/gen/|page/build/)|^node:' },
    },
    {
      name: 'console-knows-no-other',
      severity: 'error',
      from: { path: '^console/' },
      to: { path: '^(coordinator|participant|auditor)/' },
    },
    {
      name: 'console-runs-in-a-browser',
      severity: 'error',
      from: { path: '^console/src/', pathNot: '\\.(test|fixture)\\.ts$' },
      to: { path: '^(proto/node/|proto/gen/|console/build/)|^node:' },
    },
    {
      name: 'console-models-are-pure',
      severity: 'error',
      from: { path: '^console/src/model/', pathNot: '\\.test\\.ts$' },
      to: { path: '^console/src/', pathNot: '^console/src/model/' },
    },
    {
      name: 'round-is-pure',
      severity: 'error',
      from: { path: '^coordinator/src/round/', pathNot: '\\.test\\.ts$' },
      to: { path: '^coordinator/src/', pathNot: '^coordinator/src/round/' },
    },
    {
      name: 'session-is-pure',
      severity: 'error',
      from: { path: '^participant/src/session/', pathNot: '\\.test\\.ts$' },
      to: { path: '^participant/src/', pathNot: '^participant/src/session/' },
    },
    {
      name: 'homomorphic-encryption-only-at-sites',
      comment: 'The coordinator adds integers; it has no HE library',
      severity: 'error',
      from: { pathNot: '^(participant|test|scripts)/' },
      to: { path: 'node-seal' },
    },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-tests-in-production',
      severity: 'error',
      from: { pathNot: '(\\.(test|fixture)\\.ts$|^test/|^scripts/)' },
      to: { path: '(\\.(test|fixture)\\.ts$|^test/)' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
