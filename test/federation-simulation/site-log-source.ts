// A site's port to the transparency log, over the simulated network. It does what participant/src/rpc/grpc-log.ts does over gRPC.
import type { SiteId } from '@blindsum/proto';
import { RoundRecord } from '@blindsum/proto/rpc';
import type { LogSource } from '../../participant/src/ports.ts';
import type { ShownHead, ShownRecord } from '../../participant/src/session/known-log.ts';
import type { LogDesk } from './coordinator-services.ts';
import type { Incarnation } from './incarnation.ts';
import type { SimulatedNetwork } from './simulated-network.ts';

export interface LogLine {
  readonly site: SiteId;
  readonly process: Incarnation;
  readonly network: SimulatedNetwork;
  /** Told before a checkpoint of so many entries is cosigned. */
  readonly onCosign: (size: bigint) => void;
}

type LogService = ReturnType<LogDesk['service']>;

export function connectLog({ site, process, network, onCosign }: LogLine): LogSource {
  const call = <T>(what: string, ask: (service: LogService) => Promise<unknown>): Promise<T> =>
    network.call(process, site, { what, ask: ({ log }) => ask(log(site)) as Promise<T> });
  const caller = { site } as never;
  return {
    async introduction() {
      const shown = await call<{ verifierKey: string; head: ShownHead; charter: ShownRecord }>(
        'asks for the log',
        (log) => log.getLog(caller, {} as never),
      );
      return shown;
    },
    async checkpoint(oldSize) {
      const { head } = await call<{ head: ShownHead }>('asks for a checkpoint', (log) =>
        log.getCheckpoint(caller, { oldSize } as never),
      );
      return head;
    },
    async record(wanted, oldSize) {
      const asked =
        wanted.kind === 'sealed'
          ? { kind: RoundRecord.SEALED, setAttempt: wanted.setAttempt }
          : { kind: RoundRecord.END };
      return call(`asks for a record: ${wanted.kind}`, (log) =>
        log.getRecord(caller, { oldSize, ref: wanted.ref, ...asked } as never),
      );
    },
    async cosign(size, lines) {
      onCosign(size);
      await call('cosigns', (log) => log.cosign(caller, { size, lines } as never));
    },
    async show(note) {
      await call('shows what it keeps', (log) => log.showCheckpoint(caller, { note } as never));
    },
  };
}
