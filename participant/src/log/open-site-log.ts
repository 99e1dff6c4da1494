// All of a site that has to do with the transparency log, put together from its parts.
import type { Config } from '../config.ts';
import type { SiteKeys } from '../identity/site-keys.ts';
import type { Journal } from '../journal/journal.ts';
import type { Clock, LogSource } from '../ports.ts';
import type { SiteRosters } from '../rosters/site-rosters.ts';
import type { Report } from '../session-progress.ts';
import { whyOf } from '../session/commit-receipt.ts';
import { CommitReceipts } from './commit-receipts.ts';
import { followLog } from './follow-log.ts';
import { LogKeeper } from './log-keeper.ts';
import { LogWitness } from './log-witness.ts';
import { ReceiptFiles } from './receipt-files.ts';

export interface SiteLogParts {
  readonly config: Pick<Config, 'federation' | 'site' | 'stateDirectory'>;
  readonly keys: Pick<SiteKeys, 'member' | 'signer'>;
  readonly journal: Journal;
  readonly source: LogSource;
  readonly rosters: SiteRosters;
  readonly clock: Clock;
  readonly report: Report;
}

export interface OpenSiteLog {
  readonly keeper: LogKeeper;
  readonly receipts: CommitReceipts;
  /** As followLog does. */
  follow(signal: AbortSignal): Promise<void>;
}

export function openSiteLog({ config, keys, rosters, ...parts }: SiteLogParts): OpenSiteLog {
  const { journal, source, clock, report } = parts;
  const { federation, stateDirectory } = config;
  const members = () => rosters.known.latestAccepted()?.roster;
  const keeper = new LogKeeper({ federation, source, journal: journal.log, clock, folder: stateDirectory });
  const witness = new LogWitness({
    ...{ own: keys.member(config.site), sign: keys.signer.sign, members, source, clock },
  });
  const receipts = new CommitReceipts({
    ...{ federation, keeper, journal, files: new ReceiptFiles(stateDirectory), members, clock },
    report: (id, fate) => report({ event: 'receipt', ...id, fate: fate.kind, why: whyOf(fate) }),
  });
  const following = { keeper, witness, receipts, journal: journal.log, clock, report };
  return { keeper, receipts, follow: (signal) => followLog({ ...following, signal }) };
}
