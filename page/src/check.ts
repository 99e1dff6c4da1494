// One check of the page: what it found, and what that does and does not prove.
import { Refusal, type RefusalCode } from '@blindsum/proto';

export type CheckId =
  | 'record-signature'
  | 'record-key'
  | 'entry'
  | 'inclusion'
  | 'checkpoint'
  | 'witnesses'
  | 'model'
  | 'members';

/** What came out of a check, and a sentence about it. */
export type Outcome =
  | { readonly status: 'passed'; readonly detail: string }
  | { readonly status: 'failed'; readonly detail: string; readonly code: RefusalCode }
  /** Something is missing that it needs. */
  | { readonly status: 'skipped'; readonly detail: string };

export type Check = Outcome & { readonly id: CheckId };

export function passed(detail: string): Outcome {
  return { status: 'passed', detail };
}

export function skipped(detail: string): Outcome {
  return { status: 'skipped', detail };
}

/** What `run` finds; a refusal is a failed check. */
export async function outcomeOf(run: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { status: 'failed', detail: toSentence(error.detail), code: error.code };
  }
}

/** With a capital letter and a full stop. */
export function toSentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`;
}

/** "1 site", "2 sites". */
export function count(number: number | bigint, noun: string, plural = `${noun}s`): string {
  return `${number} ${BigInt(number) === 1n ? noun : plural}`;
}

/** A time (milliseconds since 1970) to the minute; what no date can hold is said as it is. */
export function toTime(ms: number): string {
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) return `${ms / 1000} seconds after 1970`;
  return `${date.toISOString().slice(0, 16).replace('T', ' at ')} UTC`;
}
