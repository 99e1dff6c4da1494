// The log as an honest process of the coordinator publishes it: the real service, with cosignatures and promises.
import { signCommitPromise } from '@blindsum/proto';
import { toLogPolicy, type CosigningRule } from '@blindsum/proto/tlog';
import { createLogProofs } from '../../coordinator/src/log/log-proofs.ts';
import { createLogService } from '../../coordinator/src/rpc/log-service.ts';
import { latestRoster, type RosterReader } from '../../coordinator/src/roster-reader.ts';
import { CosignedCheckpoints } from '../../coordinator/src/witnessing/cosigned-checkpoints.ts';
import type { CosignatureStore } from '../../coordinator/src/witnessing/cosignature-store.ts';
import { compareHeld } from '../../coordinator/src/witnessing/later-checkpoint.ts';
import type { LogDesk } from './coordinator-services.ts';
import type { OpenLog } from './sequenced-log.ts';

export interface PublishedParts extends OpenLog {
  readonly cosignatures: CosignatureStore;
  readonly rosterReader: RosterReader;
}

/** As in a federation whose operator says nothing of witnesses. */
const RULE: CosigningRule = { members: 'roster-quorum', standAlone: [], standAloneQuorum: 0 };

export function publishLog({ log, files, keys, cosignatures, rosterReader }: PublishedParts): LogDesk {
  const { key: logKey, sign } = keys.checkpoint;
  const policy = async () =>
    toLogPolicy({
      logKey,
      rule: RULE,
      members: latestRoster(await rosterReader.read())?.roster.members ?? [],
    });
  const checkpoints = new CosignedCheckpoints({ store: cosignatures, files, logKey, policy });
  const service = createLogService({
    log,
    proofs: createLogProofs(files, async () => (await checkpoints.published()).note),
    cosigned: checkpoints,
    compareHeld: (note, holder) => compareHeld({ log, files, logKey }, note, `the site ${holder}`),
  });
  return { service: () => service, signPromise: (promise) => signCommitPromise(promise, sign) };
}
