// `log show|reset`: the transparency log as this site follows it, and what a person does about one that contradicted itself.
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { refuseUnless, utf8 } from '@blindsum/proto';
import { encodeVkey, parseNote } from '@blindsum/proto/tlog';
import type { Config } from '../config.ts';
import type { Journal } from '../journal/journal.ts';
import { openKeptJournal } from './kept-journal.ts';
import type { Print } from './print.ts';
import { parseReason } from './reason.ts';

/** What this site holds on to of the log. */
export function showLog(config: Config, print: Print): void {
  withJournal(config, ({ log }) => {
    const [known, head, alarm] = [log.known(), log.head(), log.alarm()];
    const key = known && encodeVkey(known.key);
    const cosignatures = head && parseNote(utf8(head.note)).signatures.length - 1;
    const evidence = alarm && join(config.stateDirectory, alarm.evidence);
    print(
      {
        key: key ?? null,
        ...(head && { size: String(head.size), cosignatures }),
        alarm: alarm ? { ...alarm, evidence } : null,
      },
      [
        known ? `log          ${key}` : 'log          none has been seen yet',
        ...(head ? [`checkpoint   ${head.size} entries, ${cosignatures} cosignatures when it was kept`] : []),
        ...(alarm
          ? [
              `STOPPED      ${alarm.code}: ${alarm.detail}`,
              `since        ${new Date(alarm.atMs).toISOString()}: this site contributes nothing`,
              `evidence     ${evidence}: both checkpoints, signed by the log`,
              'Compare them with the other sites and the operator. If it is explained: blindsum-site log reset --reason ...',
            ]
          : []),
      ].join('\n'),
    );
  });
}

export interface ResetOptions {
  readonly reason: string;
  /** Who decides; the user of this machine unless given. */
  readonly by: string | undefined;
}

/** A person has looked: the log is forgotten, and the one that is shown next is followed. The evidence stays. */
export function resetLog(config: Config, { reason, by }: ResetOptions, print: Print): void {
  refuseUnless(reason !== '', 'CONFIG_INVALID', 'log reset: --reason says why the log is trusted again');
  withJournal(config, ({ log }) => {
    const decidedBy = parseReason(by ?? userInfo().username);
    log.reset({ decidedBy, reason: parseReason(reason), atMs: Date.now() });
    print(
      { reset: true, decidedBy, reason },
      'the log that was followed is forgotten; the next one that is shown is pinned',
    );
  });
}

function withJournal(config: Config, act: (journal: Journal) => void): void {
  const journal = openKeptJournal(config);
  try {
    act(journal);
  } finally {
    journal.close();
  }
}
