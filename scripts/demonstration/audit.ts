// The audit of what a run left behind, with the auditor's own command.
import { join, relative } from 'node:path';
import type { Layout } from './configuration.ts';
import { ROOT } from './datasets.ts';
import type { AuditStep, RoundOutcome } from './outcome.ts';
import type { Processes } from './processes.ts';

const AUDIT = join(ROOT, 'auditor/bin/blindsum-audit');

/** Checks the whole log, then recomputes the sum of every round that was published. */
export async function auditRun(
  layout: Layout,
  processes: Processes,
  { job, rounds }: { readonly job: string; readonly rounds: readonly RoundOutcome[] },
): Promise<AuditStep[]> {
  const steps = [await runStep(layout, processes, ['fsck', layout.log])];
  for (const { round, attempt, state } of rounds) {
    if (state !== 'published') continue;
    const archive = join(layout.coordinator, 'blobs', job, `${round}-${attempt}`);
    steps.push(await runStep(layout, processes, ['verify-round', layout.log, archive]));
  }
  return steps;
}

async function runStep(layout: Layout, processes: Processes, args: readonly string[]): Promise<AuditStep> {
  const { status, stdout, complaint } = await processes.start({ name: 'audit', argv: [AUDIT, ...args] });
  const shown = args.map((arg) => (arg.startsWith(layout.root) ? relative(layout.root, arg) : arg));
  return {
    command: ['blindsum-audit', ...shown].join(' '),
    ok: status === 0,
    text: [stdout, complaint].filter((text) => text !== '').join('\n'),
  };
}
