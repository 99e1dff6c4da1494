// The watching of the log as the configuration and the roster in force ask for it.
import { parseVkey } from '@blindsum/proto/tlog';
import type { Config } from '../config.ts';
import { createRosterReader, latestRoster } from '../roster-reader.ts';
import type { State } from '../state.ts';
import { CosignedCheckpoints } from './cosigned-checkpoints.ts';
import { createLogDocuments, type OpenLogDocument } from './log-documents.ts';
import { toLogPolicy } from './log-policy.ts';

export interface Witnessing {
  readonly checkpoints: CosignedCheckpoints;
  readonly openLogDocument: OpenLogDocument;
}

export function openWitnessing(
  { witnesses, http }: Pick<Config, 'witnesses' | 'http'>,
  { cosignatures, log, logFiles, rosters }: Pick<State, 'cosignatures' | 'log' | 'logFiles' | 'rosters'>,
): Witnessing {
  const logKey = parseVkey(log.vkey);
  const reader = createRosterReader(rosters);
  const standAlone = witnesses.standAlone.map(({ name, vkey: key, url }) => ({ name, key, url }));
  const fixed = {
    logKey,
    standAlone,
    rule: witnesses.quorum,
    ...(http.url !== undefined && { url: `${http.url}/log/` }),
  };
  const policy = async () => toLogPolicy({ ...fixed, roster: latestRoster(await reader.read())?.roster });
  const checkpoints = new CosignedCheckpoints({ store: cosignatures, files: logFiles, logKey, policy });
  const openLogDocument = createLogDocuments({ log, files: logFiles, logKey, checkpoints, policy });
  return { checkpoints, openLogDocument };
}
