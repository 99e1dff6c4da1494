// The audit of what a run left behind, with the auditor's own command.
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { parseSiteGrant } from '@blindsum/proto';
import { siteFolder, type Layout } from './configuration.ts';
import { ROOT } from './datasets.ts';
import type { AuditStep } from './outcome.ts';
import type { Processes } from './processes.ts';

const AUDIT = join(ROOT, 'auditor/bin/blindsum-audit');

/**
 * Checks the whole log, then recomputes the sum of every published round from the archived ciphertexts. The log's key is the
 * one that `site` was given when it was admitted, not the one beside the log.
 */
export async function auditRun(layout: Layout, processes: Processes, site: string): Promise<AuditStep[]> {
  const grant = parseSiteGrant(await readFile(join(siteFolder(layout, site), 'grant.json')));
  const key = ['--vkey', grant.logVerifierKey];
  const archive = join(layout.coordinator, 'blobs');
  return Promise.all([
    runStep(layout, processes, ['fsck', layout.log, ...key]),
    runStep(layout, processes, ['verify-round', layout.log, '--archive', archive, '--all', ...key]),
  ]);
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
