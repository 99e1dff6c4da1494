// How far the watching of the log has come, for operators and for Prometheus.
import type { Registry } from 'prom-client';
import type { TlogPolicy } from '@blindsum/proto/tlog';
import type { Log } from '../log/sequencer.ts';
import { addGauge } from '../snapshot-gauges.ts';
import type { CosignedCheckpoints } from './cosigned-checkpoints.ts';
import type { WitnessDriver, WitnessStatus } from './witness-driver.ts';

export interface WitnessingStatus {
  /** Entries of the latest checkpoint that a quorum cosigned; 0 for none. */
  readonly cosignedSize: number;
  /** Those who must cosign: how many of each group, and of how many. None: nobody is asked for. */
  readonly quorum: readonly { readonly group: string; readonly threshold: number; readonly of: number }[];
  /** Stand-alone witnesses, each with the entries that it has not cosigned. */
  readonly witnesses: readonly (WitnessStatus & { readonly lag: number })[];
}

export interface Watching {
  readonly checkpoints: Pick<CosignedCheckpoints, 'withQuorum'>;
  readonly policy: () => Promise<TlogPolicy>;
  readonly drivers: readonly Pick<WitnessDriver, 'status'>[];
  readonly log: { latest(): { readonly size: number } };
}

export async function witnessingStatus(watching: Watching): Promise<WitnessingStatus> {
  const [cosigned, policy] = await Promise.all([watching.checkpoints.withQuorum(), watching.policy()]);
  const names = new Set(policy.witnesses.map(({ name }) => name));
  const counted = policy.groups.filter(({ members }) => members.every((member) => names.has(member)));
  return {
    cosignedSize: cosigned?.size ?? 0,
    quorum: counted.map(({ name, threshold, members }) => ({ group: name, threshold, of: members.length })),
    witnesses: lagsOf(watching),
  };
}

/** Adds what is known of the log and of those who watch it: at most 16 witnesses, so few labels. */
export function measureLog(
  registry: Registry,
  watching: Pick<Watching, 'drivers'> & {
    readonly log: Pick<Log, 'latest' | 'stopped'>;
    readonly checkpoints: Pick<CosignedCheckpoints, 'withQuorum'>;
  },
): void {
  const { checkpoints, log } = watching;
  addGauge(
    registry,
    {
      name: 'blindsum_witness_lag_entries',
      help: 'Entries of the log that a stand-alone witness has not cosigned since the coordinator began.',
      label: 'witness',
    },
    () => Object.fromEntries(lagsOf(watching).map(({ name, lag }) => [name, lag])),
  );
  addGauge(
    registry,
    { name: 'blindsum_log_entries', help: 'Entries of the transparency log.' },
    () => log.latest().size,
  );
  addGauge(
    registry,
    {
      name: 'blindsum_log_cosigned_entries',
      help: 'Entries of the latest checkpoint that a quorum of witnesses has cosigned; 0 for none.',
    },
    async () => (await checkpoints.withQuorum())?.size ?? 0,
  );
  addGauge(registry, { name: 'blindsum_log_stopped', help: '1 once the log signs nothing any more.' }, () =>
    log.stopped ? 1 : 0,
  );
}

function lagsOf({ drivers, log }: Pick<Watching, 'drivers' | 'log'>) {
  const { size } = log.latest();
  return drivers.map(({ status }) => ({ ...status, lag: Math.max(0, size - status.size) }));
}
