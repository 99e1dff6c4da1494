// The port through which the log comes to know of certificates. What it is owed is stored together with what it says, so that a
// crash between the two is mended by settling again.
import type { Predicate } from '@blindsum/proto/tlog';

export interface OwedRecord {
  readonly sequence: bigint;
  readonly predicate: Predicate<'certificate'>;
}

/** Records of certificates that the log does not have yet. A write is durable once it returns. */
export interface CertificateRecordStore {
  /** In the order of what they tell. */
  owed(): Promise<readonly OwedRecord[]>;
  /** Forgets one that the log has; the same again is no error. */
  logged(sequence: bigint): Promise<void>;
}
