// What an audit found wrong. An audit goes on after a finding as far as it can, so that all of them are seen at once.
import { Refusal, type RefusalCode } from '@blindsum/proto';

export interface Finding {
  readonly code: RefusalCode;
  /** The entry it is about, if it is about one. */
  readonly entry?: number;
  /** One sentence for people that names the file or the record. */
  readonly message: string;
  /** True where only a record is missing that was erased, as the log says: a gap, and no fault. */
  readonly isErased?: true;
}

interface About {
  readonly entry?: number;
  readonly prefix?: string;
}

/** Runs a check of an entry that refuses, and gives what it refused as findings. */
export function findingsOf(entry: number, check: () => void, prefix = ''): Finding[] {
  try {
    check();
    return [];
  } catch (error) {
    return [toFinding(error, { entry, prefix })];
  }
}

/** A Refusal as a finding. Other errors are ours, and a source that cannot be read proves nothing: both are thrown again. */
export function toFinding(error: unknown, about: About = {}): Finding {
  if (error instanceof Refusal && error.code === 'UNAVAILABLE') throw error;
  return toFindingOrGap(error, about);
}

/** As toFinding, but what cannot be read is a finding too, with code UNAVAILABLE: the caller reports it as a gap, not as a fault. */
export function toFindingOrGap(error: unknown, { entry, prefix = '' }: About = {}): Finding {
  if (!(error instanceof Refusal)) throw error;
  return { code: error.code, ...(entry !== undefined && { entry }), message: `${prefix}${error.detail}` };
}
