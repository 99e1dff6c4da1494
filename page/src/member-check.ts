// What members of the roster signed themselves: attestations to the result of a round, votes for the release of a model.
import {
  attestationCodec,
  memberPseudonym,
  modelReleaseCodec,
  outlineHash,
  parseBase64,
  parseHex,
  Refusal,
  refuseUnless,
  roundContext,
  SIGNATURE_BYTES,
  signingBytes,
  signingKeyOf,
  type Digest,
  type MessageType,
} from '@blindsum/proto';
import type { CheckSignatureLater, LogRecord, Predicate } from '@blindsum/proto/tlog';
import { count, passed, skipped, type Outcome } from './check.ts';

type Roster = Predicate<'roster'>;
type Signed = Predicate<'release'>['votes'][number];

/** What is needed of members, and what each of them must say. */
interface Demand {
  readonly noun: string;
  readonly type: MessageType;
  readonly read: (payload: Uint8Array) => object;
  readonly about: object;
  readonly signed: readonly Signed[];
  readonly threshold: number;
}

/**
 * Refuses unless as many members of the roster as the record needs signed what it says: BAD_ROSTER for another roster, NOT_A_MEMBER,
 * BAD_SIGNATURE, BAD_RECORD for messages about something else, TOO_FEW_APPROVALS.
 */
export async function checkMembers(
  record: LogRecord,
  roster: Roster | undefined,
  check: CheckSignatureLater,
): Promise<Outcome> {
  if (record.kind !== 'round' && record.kind !== 'release')
    return skipped('Members sign the results of rounds and the release of models; this record is neither.');
  if (!roster) return skipped('Add the record of the roster: it holds the keys of the members.');
  refuseUnless(
    outlineHash(roster) === record.predicate.rosterHash,
    'BAD_ROSTER',
    `version ${roster.version} of the roster is not the one that the record goes by`,
  );
  const demand = toDemand(record, roster);
  const { length } = roster.members;
  // With half of the roster or less, two different results could both have enough signatures.
  refuseUnless(
    2 * demand.threshold > length,
    'BAD_RECORD',
    `${demand.threshold} of ${length} is no majority`,
  );
  const { signed, threshold, noun } = demand;
  const signers = new Set(signed.map(({ member }) => member));
  refuseUnless(signers.size === signed.length, 'BAD_RECORD', `one member is twice among the ${noun}s`);
  refuseUnless(
    signed.length >= threshold,
    'TOO_FEW_APPROVALS',
    `it holds ${count(signed.length, noun)}, ${threshold} are needed`,
  );
  for (const one of signed) await verifyOne(one, { demand, roster, check });
  return passed(`${count(signed.length, noun)} by different members of ${length}; ${threshold} are needed.`);
}

function toDemand({ kind, predicate }: LogRecord, { federation }: Roster): Demand {
  if (kind === 'round') {
    const { context, setRoot, sumRoot, modelHash, metrics, attestations, threshold } = predicate;
    refuseUnless(
      context === roundContext({ ...predicate, federation }),
      'BAD_RECORD',
      'its context is not that of its terms',
    );
    const about = { context, setRoot, sumRoot, modelHash, metrics: toText(metrics) };
    const read = (payload: Uint8Array) => {
      const said = attestationCodec.read(payload);
      return { ...said, metrics: toText(said.metrics) };
    };
    return { noun: 'attestation', type: attestationCodec.type, read, about, signed: attestations, threshold };
  }
  if (kind !== 'release') throw new Error(`members do not sign a ${kind}`);
  const { job, round, modelHash, rosterHash, votes, threshold } = predicate;
  const about = { federation, job, round, modelHash, rosterHash };
  const { type } = modelReleaseCodec;
  const read = (payload: Uint8Array) => modelReleaseCodec.read(payload);
  return { noun: 'vote', type, read, about, signed: votes, threshold };
}

interface Under {
  readonly demand: Demand;
  readonly roster: Roster;
  readonly check: CheckSignatureLater;
}

async function verifyOne({ member, ...signed }: Signed, { demand, roster, check }: Under): Promise<void> {
  const { noun, type, read, about } = demand;
  const what = `the ${noun} of member ${member.slice(0, 8)}…`;
  const publicKey = keyOf(roster, member);
  const payload = parseBase64(signed.payload, 'signed payload');
  const signature = parseHex(signed.signature, SIGNATURE_BYTES, 'signature');
  const said = read(payload) as Record<string, unknown>;
  for (const [field, value] of Object.entries({ ...about, site: member }))
    refuseUnless(said[field] === value, 'BAD_RECORD', `${what} is about another ${field}`);
  const message = signingBytes(type, payload);
  const isValid = await check({ algorithm: 'ed25519', publicKey, message, signature, refusal: '' });
  refuseUnless(isValid, 'BAD_SIGNATURE', `${what} is not signed by its key in the roster`);
}

/** By the pseudonym that follows from the key, whatever the record of the roster calls the member. */
function keyOf({ members }: Roster, pseudonym: Digest): Uint8Array {
  const member = members.find((each) => memberPseudonym(each) === pseudonym);
  if (!member) throw new Refusal('NOT_A_MEMBER', `member ${pseudonym.slice(0, 8)}… is not in the roster`);
  return signingKeyOf(member);
}

function toText(metrics: Readonly<Record<string, number>>): string {
  return Object.entries(metrics)
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join(' ');
}
