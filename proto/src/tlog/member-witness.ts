// Members as witnesses of the log: each cosigns its checkpoints (C2SP tlog-cosignature, type 0x04) with the signing key of the
// roster, so that who may cosign follows from the roster in the log.
import type { Digest } from '../identifiers.ts';
import { memberPseudonym, signingKeyOf, type Member } from '../roster.ts';
import { createNoteKey, type NoteKey } from './note-key.ts';

const PSEUDONYM_DIGITS = 16;

/** `<origin>/member/<first 16 digits of the pseudonym>`: under this name, and no other, a member cosigns the log `origin`. */
export function memberWitnessName(origin: string, pseudonym: Digest): string {
  return `${origin}/member/${pseudonym.slice(0, PSEUDONYM_DIGITS)}`;
}

/** The key that verifies a member's cosignatures of the log `origin`. */
export function memberWitnessKey(origin: string, member: Pick<Member, 'signingKey'>): NoteKey {
  const name = memberWitnessName(origin, memberPseudonym(member));
  return createNoteKey(name, signingKeyOf(member), 'ed25519-cosignature');
}
