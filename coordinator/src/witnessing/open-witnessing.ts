// The watching of the log as the configuration and the roster in force ask for it.
import type { Logger } from 'pino';
import type { Bytes } from '@blindsum/proto';
import { parseVkey } from '@blindsum/proto/tlog';
import type { WitnessConfig } from '../config-witnesses.ts';
import type { Config } from '../config.ts';
import type { Metrics } from '../metrics.ts';
import type { Clock } from '../ports.ts';
import { createRosterReader, latestRoster } from '../roster-reader.ts';
import type { State } from '../state.ts';
import { CosignedCheckpoints } from './cosigned-checkpoints.ts';
import { compareHeld } from './later-checkpoint.ts';
import { createLogDocuments, type OpenLogDocument } from './log-documents.ts';
import { toLogPolicy } from './log-policy.ts';
import { createWitnessClient } from './witness-client.ts';
import { WitnessDriver } from './witness-driver.ts';
import { measureLog, witnessingStatus, type WitnessingStatus } from './witnessing-status.ts';

const MINUTE_MS = 60_000;

export interface Witnessing {
  readonly checkpoints: CosignedCheckpoints;
  readonly openLogDocument: OpenLogDocument;
  /**
   * Compares a checkpoint that `holder` shows with the log: one that the log signed and does not begin with stops it, for good, and is
   * refused (LOG_STOPPED). Refuses MALFORMED, BAD_SIGNATURE or BAD_CHECKPOINT for what the log did not sign.
   */
  readonly compare: (note: Bytes, holder: string) => Promise<void>;
  /** One for each stand-alone witness. */
  readonly drivers: readonly WitnessDriver[];
  readonly status: () => Promise<WitnessingStatus>;
}

export interface WitnessingSurroundings {
  readonly state: Pick<State, 'cosignatures' | 'log' | 'logFiles' | 'rosters'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, 'registry'>;
}

export function openWitnessing(
  { witnesses, http }: Pick<Config, 'witnesses' | 'http'>,
  { state, clock, log: logger, metrics }: WitnessingSurroundings,
): Witnessing {
  const { cosignatures, log, logFiles: files, rosters } = state;
  const logKey = parseVkey(log.vkey);
  const reader = createRosterReader(rosters);
  const standAlone = witnesses.standAlone.map(({ name, vkey: key, url }) => ({ name, key, url }));
  const url = http.url === undefined ? {} : { url: `${http.url}/log/` };
  const fixed = { logKey, standAlone, rule: witnesses.quorum, ...url };
  const policy = async () => toLogPolicy({ ...fixed, roster: latestRoster(await reader.read())?.roster });
  const checkpoints = new CosignedCheckpoints({ store: cosignatures, files, logKey, policy });
  const openLogDocument = createLogDocuments({ log, files, logKey, checkpoints, policy });
  const compare = (note: Bytes, holder: string) => compareHeld({ log, files, logKey }, note, holder);
  const toDriver = ({ name, vkey: key, url: submission, monitoringUrl = submission }: WitnessConfig) =>
    new WitnessDriver({
      ...{ name, key, logKey, files, checkpoints, clock },
      client: createWitnessClient(submission, monitoringUrl),
      heartbeatMs: witnesses.heartbeatMinutes * MINUTE_MS,
      compare: (note) => compare(note, `the witness ${name}`),
      report(failure) {
        if (failure) logger.warn({ event: 'log.witness-failed', witness: name, reason: failure.message });
        else logger.debug({ event: 'log.cosigned', witness: name });
      },
    });
  const drivers = witnesses.standAlone.map(toDriver);
  const watching = { checkpoints, policy, drivers, log };
  measureLog(metrics.registry, watching);
  return { checkpoints, openLogDocument, compare, drivers, status: () => witnessingStatus(watching) };
}
