// What a log says of itself: its charter, and the amendments of it, each of which names the record that it follows.
import { encodeBase64, Refusal, refuseUnless } from '@blindsum/proto';
import { toAmendmentName, type CosigningRule, type LogRecord, type Predicate } from '@blindsum/proto/tlog';
import type { LogKeys } from './log-keys.ts';
import type { Admitted } from './log-state.ts';

/** The charter of the log of these keys. Without a rule it says nothing of who must have cosigned. */
export function createCharter(
  { checkpoint: { key }, record }: LogKeys,
  cosigning: CosigningRule | undefined,
): Predicate<'charter'> {
  return {
    federation: key.name,
    origin: key.name,
    protocol: 'blindsum/v1',
    parameterSet: 'bs1',
    recordKey: encodeBase64(record.publicKeySpki),
    ...(cosigning && { cosigning }),
  };
}

/** Refuses BAD_RECORD an amendment that does not follow what the log has: `find` gives the record of a name. */
export function verifyFollows(
  { kind, predicate }: LogRecord,
  find: (name: string) => Admitted | undefined,
): void {
  if (kind !== 'charter-amendment') return;
  const { number, previousRecord } = predicate;
  const name = number === 1 ? 'charter' : toAmendmentName({ number: number - 1 });
  const previous = find(name);
  if (!previous) throw new Refusal('BAD_RECORD', `amendment ${number} where the log has no ${name}`);
  refuseUnless(
    previous.record === previousRecord,
    'BAD_RECORD',
    `amendment ${number} amends another record than the ${name} of the log`,
  );
}
