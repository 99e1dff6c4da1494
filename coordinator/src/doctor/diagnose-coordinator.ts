// `doctor`: everything that a coordinator needs from its machine, its files and others, looked at once.
import { passes, Refusal, toDiagnosis, type Diagnosis } from '@blindsum/proto';
import { trustAuthorityFile } from '@blindsum/proto/node';
import type { Status } from '../commands/answers.ts';
import type { Config } from '../config.ts';
import { examineCertificates } from './examine-certificates.ts';
import { examineMachine } from './examine-machine.ts';
import { examineClock, examineOthers } from './examine-others.ts';
import { examinePorts } from './examine-ports.ts';
import { examineRunning } from './examine-running.ts';

export interface Patient {
  readonly config: Config;
  /** What it says of itself; undefined if it does not run. */
  readonly status: Status | undefined;
  /** Web server to compare the clock with; those of the configuration unless given. */
  readonly clock: string | undefined;
}

/** Changes nothing. */
export async function diagnoseCoordinator({ config, status, clock }: Patient): Promise<Diagnosis> {
  await trustConfigured(config);
  const findings = await Promise.all([
    examineMachine(config),
    examinePorts(config, status !== undefined),
    examineCertificates(config, Date.now()),
    examineClock(config, clock).then((finding) => [finding]),
    examineOthers(config),
  ]);
  const read = passes('configuration', `federation ${config.federation}`);
  return toDiagnosis([read, ...findings.flat(), ...examineRunning(status)]);
}

/** That the file cannot be used is a finding of its own. */
async function trustConfigured({ trustedCaFile }: Config): Promise<void> {
  try {
    if (trustedCaFile !== undefined) await trustAuthorityFile(trustedCaFile, 'trustedCaFile');
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
}
