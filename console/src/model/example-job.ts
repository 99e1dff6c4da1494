// A job file to begin with: every setting that must be given, and the ones that are thought about most.
export const EXAMPLE_JOB = `# What the sites are asked to consent to.
job: my-first-job
description: What is learnt, and what for.

model:
  kind: mlp
  hidden: [16, 8]
  activation: relu

training:
  epochs: 2
  batchSize: 32
  optimizer: { kind: sgd, learningRate: 0.1 }

strategy:
  # Rows of the largest site, or a little more.
  maxExamples: 1000
  clipNorm: 1

rounds: 10

contributors:
  minimum: 3

waits:
  joinSeconds: 86400
  collectSeconds: 3600

# Ranges are public: what is plausible, never computed from anybody's rows.
data:
  features:
    - { column: age, type: number, min: 0, max: 120 }
    - { column: sex, type: category, values: [f, m] }
  label: { column: outcome, positive: '1', negative: '0' }
`;
