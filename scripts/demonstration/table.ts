// The results as text for a terminal.
import { bytesPerParameter, logShare, problemsOf, secondsPerPhase, type Outcome } from './outcome.ts';

const INDENT = '  ';

/** The closing report of a run; ends in a newline. */
export function toText(outcome: Outcome): string {
  const sections = [
    scores(outcome),
    wire(outcome),
    phases(outcome),
    attendance(outcome),
    model(outcome),
    audit(outcome),
    verdict(outcome),
  ];
  return `\n${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

/** Columns as wide as their widest cell; all but the first are aligned to the right. */
export function toTable(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => {
    const cells = row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)));
    return `${INDENT}${cells.join('   ')}`.trimEnd();
  });
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function scores({ sites, federated, pooled }: Outcome): string[] {
  const rows = [
    ['trained on', 'rows', 'accuracy', 'AUC'],
    ...sites.map(({ site, trainingRows, alone }) => [
      `${site} alone`,
      String(trainingRows),
      percent(alone.accuracy),
      alone.auc.toFixed(4),
    ]),
    ['federated', 'none pooled', percent(federated.accuracy), federated.auc.toFixed(4)],
    [
      'pooled, for comparison',
      String(sites.reduce((sum, { trainingRows }) => sum + trainingRows, 0)),
      percent(pooled.accuracy),
      pooled.auc.toFixed(4),
    ],
  ];
  const holdout = sites.reduce((sum, { holdoutRows }) => sum + holdoutRows, 0);
  return [...toTable(rows), `${INDENT}(all evaluated on the same ${holdout} held-out rows)`];
}

function wire(outcome: Outcome): string[] {
  const { parameters, ciphertextBytes, bits, asymptoticBytesPerParameter } = outcome.wire;
  return [
    `${INDENT}An update of ${parameters} parameters travels as ${ciphertextBytes / 1024} KiB: ${bytesPerParameter(outcome).toFixed(1)} bytes a parameter, plain float32 takes 4.`,
    `${INDENT}Ciphertexts come in whole chunks of 32 KiB, one of them for counts and metrics; a model this small leaves most of them empty.`,
    `${INDENT}At ${bits} bits a large model approaches ${asymptoticBytesPerParameter.toFixed(2)} bytes a parameter (npm run bench measures it).`,
    `${INDENT}The log took ${(100 * logShare(outcome)).toFixed(2)} % of the time of the rounds.`,
  ];
}

function phases(outcome: Outcome): string[] {
  const rows = [...secondsPerPhase(outcome)].map(([phase, seconds]) => [phase, `${seconds.toFixed(1)} s`]);
  return [
    `${INDENT}Time per phase, ${outcome.rounds.length} rounds together`,
    ...(rows.length > 0 ? toTable(rows) : []),
  ];
}

/** Who was in, who was left out, and why: a round that went on without somebody never looks like one that did not. */
function attendance({ rounds, sites }: Outcome): string[] {
  const incomplete = rounds.filter(
    ({ state, contributors }) => state !== 'published' || contributors.length < sites.length,
  );
  if (incomplete.length === 0)
    return [
      `${INDENT}All ${sites.length} sites are in each of the ${rounds.length} rounds, at the first attempt`,
    ];
  return [
    `${INDENT}${rounds.length - incomplete.length} of ${rounds.length} attempts published with all ${sites.length} sites; the others:`,
    ...incomplete.map(({ round, attempt, state, failure, contributors, leftOut }) => {
      const without = leftOut.map(({ site, what }) => `${site} (${what})`).join(', ');
      const how = state === 'published' ? `${contributors.length} sites in` : (failure ?? state);
      return `${INDENT}round ${round}, attempt ${attempt}: ${how}${without === '' ? '' : `, without ${without}`}`;
    }),
  ];
}

function model({ sites }: Outcome): string[] {
  const [first] = sites;
  const differs = sites.some(({ modelHash }) => modelHash !== first?.modelHash);
  if (differs)
    return sites.map(({ site, modelHash }) => `${INDENT}${site} holds model ${modelHash || 'none'}`);
  return [`${INDENT}All ${sites.length} sites hold model ${first?.modelHash}`];
}

function audit({ audit: steps }: Outcome): string[] {
  return steps.flatMap(({ command, text }) => [
    `${INDENT}$ ${command}`,
    ...text
      .trimEnd()
      .split('\n')
      .map((line) => `${INDENT}${line}`),
  ]);
}

function verdict(outcome: Outcome): string[] {
  const problems = problemsOf(outcome);
  const seconds = `${outcome.seconds.toFixed(0)} seconds`;
  if (problems.length > 0) return [`FAILED after ${seconds}: ${problems.join('; ')}`];
  return [`OK: every round published, all sites hold one model, the audit passes (${seconds})`];
}
