// `receipts list|verify`: what became of everything that this site contributed, from its own files and without a network.
import { readFileSync } from 'node:fs';
import { Refusal, type RefusalCode } from '@blindsum/proto';
import { toSystemFault } from '@blindsum/proto/node';
import { parseTlogPolicy, type TlogPolicy } from '@blindsum/proto/tlog';
import type { Config } from '../config.ts';
import type { AttemptId, Journal } from '../journal/journal.ts';
import { ReceiptFiles } from '../log/receipt-files.ts';
import { verifyReceipt, type ReceiptVerdict } from '../log/verify-receipt.ts';
import { KnownRosters } from '../rosters/known-rosters.ts';
import { whyOf } from '../session/commit-receipt.ts';
import { openKeptJournal } from './kept-journal.ts';
import type { Print } from './print.ts';

/** What is there, unverified. */
export function listReceipts(config: Config, print: Print): void {
  withReceipts(config, ({ log }, files) => {
    const receipts = log
      .promises()
      .map(({ id, isSettled }) => ({ ...id, state: stateOf(isSettled, files.find(id) !== undefined) }));
    const lines = receipts.map((one) => `${toPlace(one)}: ${one.state}`);
    print({ receipts }, lines.length === 0 ? 'this site has contributed nothing yet' : lines.join('\n'));
  });
}

export interface VerifyOptions {
  /** File with a C2SP tlog-policy that the checkpoints must satisfy. */
  readonly policy: string | undefined;
}

type Outcome =
  { readonly verdict: ReceiptVerdict } | { readonly refusal: { code: RefusalCode; detail: string } };

/** Exit status: 0 when every promise that is due was kept. */
export function verifyReceipts(config: Config, options: VerifyOptions, print: Print): number {
  const policy = options.policy === undefined ? undefined : readPolicy(options.policy);
  return withReceipts(config, (journal, files) => {
    const outcomes = journal.log.promises().map(({ id, message }) => ({
      id,
      outcome: verifyOne({ journal, files, config, policy }, id, message),
    }));
    const isGood = outcomes.every(({ outcome }) => 'verdict' in outcome && outcome.verdict.kind !== 'broken');
    const lines = outcomes.map(({ id, outcome }) => `${toPlace(id)}: ${describe(outcome)}`);
    print(
      { isGood, receipts: outcomes.map(({ id, outcome }) => ({ ...id, ...toJson(outcome) })) },
      lines.length === 0 ? 'this site has contributed nothing yet' : lines.join('\n'),
    );
    return isGood ? 0 : 1;
  });
}

interface Sources {
  readonly journal: Journal;
  readonly files: ReceiptFiles;
  readonly config: Config;
  readonly policy: TlogPolicy | undefined;
}

function verifyOne(
  { journal, files, config, policy }: Sources,
  id: AttemptId,
  promise: Parameters<typeof verifyReceipt>[0]['promise'],
): Outcome {
  const [commitment, log] = [journal.commitment(id)?.message, journal.log.known()];
  const members = new KnownRosters(journal).latestAccepted()?.roster ?? { members: [] };
  if (!commitment) throw new Error(`${toPlace(id)}: a promise without its commitment`);
  if (!log)
    return { refusal: { code: 'NOT_FOUND', detail: 'the log that signed it was forgotten (log reset)' } };
  try {
    const receipt = { federation: config.federation, id, commitment, promise, found: files.find(id) };
    return { verdict: verifyReceipt(receipt, { log, members, policy }) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { refusal: { code: error.code, detail: error.detail } };
  }
}

function describe(outcome: Outcome): string {
  if ('refusal' in outcome) return `NOT VERIFIED: ${outcome.refusal.code}: ${outcome.refusal.detail}`;
  const { verdict } = outcome;
  if (verdict.kind === 'pending') return 'promised by the log; the record of the round has not come yet';
  const { index, size, cosigned } = verdict;
  const place = `entry ${index} of ${size}, cosigned by ${cosigned} witnesses`;
  switch (verdict.kind) {
    case 'included':
      return `VERIFIED: the contribution is in the set of the round (${place})`;
    case 'left-out':
      return `VERIFIED: left out of the set, the record says why: ${verdict.reason} (${place})`;
    case 'attempt-failed':
      return `VERIFIED: the attempt failed and nothing was opened: ${verdict.reason} (${place})`;
    case 'broken':
      return `BROKEN PROMISE: ${verdict.what} (${place}). The promise and the record together prove it to anybody`;
  }
}

function toJson(outcome: Outcome): object {
  if ('refusal' in outcome) return { verdict: 'not-verified', ...outcome.refusal };
  const { verdict } = outcome;
  if (verdict.kind === 'pending') return { verdict: 'pending' };
  const { kind, index, size, cosigned } = verdict;
  return { verdict: kind, why: whyOf(verdict), index: String(index), size: String(size), cosigned };
}

function stateOf(isSettled: boolean, isThere: boolean): string {
  if (isSettled) return 'complete';
  return isThere ? 'kept; not yet cosigned by enough members' : 'promised';
}

function toPlace({ job, round, attempt }: AttemptId): string {
  return `${job} round ${round}${attempt > 1 ? `, attempt ${attempt}` : ''}`;
}

function readPolicy(path: string): TlogPolicy {
  try {
    return parseTlogPolicy(new Uint8Array(readFileSync(path)));
  } catch (cause) {
    const detail = cause instanceof Refusal ? cause.detail : `cannot be read (${toSystemFault(cause)})`;
    throw new Refusal('CONFIG_INVALID', `${path}: ${detail}`, { cause });
  }
}

function withReceipts<T>(config: Config, act: (journal: Journal, files: ReceiptFiles) => T): T {
  const journal = openKeptJournal(config);
  try {
    return act(journal, new ReceiptFiles(config.stateDirectory));
  } finally {
    journal.close();
  }
}
