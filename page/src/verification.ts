// All checks of what was dropped, and the verdict.
import type { Checkpoint, CheckSignatureLater, LogRecord } from '@blindsum/proto/tlog';
import { outcomeOf, skipped, type Check, type CheckId, type Outcome } from './check.ts';
import type { Evidence } from './evidence.ts';
import {
  checkCheckpoint,
  checkEntry,
  checkInclusion,
  checkRecordKey,
  checkRecordSignature,
  checkWitnesses,
  toCheckpoint,
} from './log-checks.ts';
import { checkMembers } from './member-check.ts';
import { checkModel, type ModelFile } from './model-check.ts';
import type { Trust } from './trust.ts';

/** `incomplete`: nothing failed, and a check without which the record proves nothing could not be made. */
export type Verdict = 'verified' | 'failed' | 'incomplete';

export interface Report {
  readonly verdict: Verdict;
  readonly record: LogRecord;
  /** Where the record is said to be. */
  readonly entry?: { readonly index: bigint; readonly checkpoint: Checkpoint };
  readonly checks: readonly Check[];
}

export interface Given {
  readonly evidence: Evidence;
  readonly trust: Trust;
  readonly model?: ModelFile;
}

/** Without each of these a record proves nothing. */
export const NEEDED: readonly CheckId[] = ['record-signature', 'entry', 'inclusion', 'checkpoint'];

/** Makes every check that can be made; refuses nothing: it is all in the report. */
export async function verifyAll(
  { evidence, trust, model }: Given,
  check: CheckSignatureLater,
): Promise<Report> {
  const { subject, roster } = evidence;
  const { record, place } = subject;
  const withPlace = (
    run: (placed: typeof subject & { place: NonNullable<typeof place> }) => Promise<Outcome>,
  ) =>
    outcomeOf(async () =>
      place ? run({ ...subject, place }) : skipped('Add a bundle, or the .tlog-proof of the record.'),
    );
  const outcomes: Record<CheckId, Outcome> = {
    'record-signature': await withPlace((placed) => checkRecordSignature(placed, check)),
    'record-key': await withPlace((placed) => checkRecordKey(placed, trust)),
    entry: await withPlace((placed) => checkEntry(placed)),
    inclusion: await withPlace((placed) => checkInclusion(placed)),
    checkpoint: await withPlace((placed) => checkCheckpoint(placed, trust, check)),
    witnesses: await withPlace((placed) => checkWitnesses(placed, trust, check)),
    members: await outcomeOf(() => checkMembers(record, roster, check)),
    model: await outcomeOf(() => checkModel(record, model)),
  };
  const checks = Object.entries(outcomes).map(([id, outcome]) => ({ id: id as CheckId, ...outcome }));
  const entry = place && { index: place.index, checkpoint: toCheckpoint(place) };
  return { verdict: toVerdict(checks), record, checks, ...(entry && { entry }) };
}

function toVerdict(checks: readonly Check[]): Verdict {
  if (checks.some(({ status }) => status === 'failed')) return 'failed';
  const isWhole = checks.every(({ id, status }) => status === 'passed' || !NEEDED.includes(id));
  return isWhole ? 'verified' : 'incomplete';
}
