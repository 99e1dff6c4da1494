// The watching of the log as the configuration and the roster in force ask for it.
import type { Logger } from 'pino';
import type { Bytes } from '@blindsum/proto';
import { describeRule, parseVkey } from '@blindsum/proto/tlog';
import type { WitnessConfig } from '../config-witnesses.ts';
import type { Config } from '../config.ts';
import type { Metrics } from '../metrics.ts';
import type { Clock } from '../ports.ts';
import type { State } from '../state.ts';
import { CosignedCheckpoints } from './cosigned-checkpoints.ts';
import { createKnownPolicies } from './known-policies.ts';
import { compareHeld } from './later-checkpoint.ts';
import { createLogDocuments, type OpenLogDocument } from './log-documents.ts';
import { amendRule, LoggedRules, toCosigningRule } from './logged-rules.ts';
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
  readonly state: Pick<State, 'cosignatures' | 'log' | 'logFiles'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, 'registry'>;
}

/** Logs who must have cosigned if the configuration says it otherwise than the log; only then is anybody shown it. */
export async function openWitnessing(
  { witnesses, http }: Pick<Config, 'witnesses' | 'http'>,
  { state, clock, log: logger, metrics }: WitnessingSurroundings,
): Promise<Witnessing> {
  const { cosignatures, log, logFiles: files } = state;
  const logKey = parseVkey(log.vkey);
  const configured = toCosigningRule(witnesses);
  const amendment = await amendRule(log, logKey.name, configured);
  if (amendment !== undefined)
    logger.warn({ event: 'log.rule-amended', amendment, asked: describeRule(configured) });
  const rules = new LoggedRules(log);
  const witnessUrls = new Map(witnesses.standAlone.map(({ name, url }) => [name, url]));
  const url = http.url === undefined ? {} : { url: `${http.url}/log/` };
  const policyOf = createKnownPolicies({ logKey, witnessUrls, ...url });
  const policy = async (size?: number) => {
    // The earlier trees of an older log do not say it.
    const { rule = configured, members } = await rules.at(size);
    return policyOf({ rule, members });
  };
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
