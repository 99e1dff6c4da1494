// Who must have cosigned a checkpoint, as the log itself says it: in its charter, and in the amendments of that (PROTOCOL.md section 3).
// With the roster in force it makes the policy (log-policy.ts).
import { z } from 'zod';
import { isEqualBytes } from '../bytes.ts';
import { toCanonicalBytes } from '../canonical-json.ts';
import { Refusal } from '../refusal.ts';
import { parseCosignerVkey } from './note-key.ts';

/** Members whose cosignatures a note has room for, which takes 100 signatures: the log's, and those of 16 others. */
export const MAX_COSIGNING_MEMBERS = 83;
export const MAX_STAND_ALONE = 16;

/** How a witness that is no member may be called; apart from the names that a policy itself uses. */
export const WITNESS_NAME = /^(?!member-|members$|stand-alone$|both$|none$)[a-z0-9][a-z0-9.-]{0,62}$/;

/** A name and 1,313 bytes in base64 are the longest. */
const MAX_VKEY_LENGTH = 2100;

const standAloneSchema = z.strictObject({
  name: z.string().regex(WITNESS_NAME, 'not the name of a witness'),
  /** The key of its cosignatures in signed-note form: Ed25519 or ML-DSA-44. */
  vkey: z
    .string()
    .max(MAX_VKEY_LENGTH)
    .regex(/^[^+\s]+\+[0-9a-f]{8}\+[0-9A-Za-z+/]+=*$/, 'not a verifier key')
    .refine(isCosignerVkey, 'not the verifier key of a witness'),
});

export const cosigningSchema = z
  .strictObject({
    /**
     * Members of the roster in force that must have: as many as must approve a roster, or a number. More than there are, or than a note
     * has room for, means as many as that; 0 asks for none of them. Every member may cosign.
     */
    members: z.union([z.literal('roster-quorum'), z.int().min(0).max(MAX_COSIGNING_MEMBERS)]),
    /** Witnesses that are no members, sorted by name. */
    standAlone: z.array(standAloneSchema).max(MAX_STAND_ALONE),
    /** How many of those must have. */
    standAloneQuorum: z.int().min(0).max(MAX_STAND_ALONE),
  })
  .refine(
    ({ standAlone, standAloneQuorum }) => standAloneQuorum <= standAlone.length,
    'it asks for more stand-alone witnesses than there are',
  )
  .refine(
    ({ standAlone }) => standAlone.every(({ name }, i) => i === 0 || standAlone[i - 1]!.name < name),
    'stand-alone witnesses are not sorted by name, or one is there twice',
  )
  .refine(
    ({ standAlone }) => new Set(standAlone.map(({ vkey }) => toKeyPart(vkey))).size === standAlone.length,
    'two stand-alone witnesses have one key',
  );

/** Who must have cosigned. */
export type CosigningRule = z.output<typeof cosigningSchema>;

/** True if both ask for the same. */
export function isSameRule(a: CosigningRule, b: CosigningRule): boolean {
  return isEqualBytes(toCanonicalBytes(a), toCanonicalBytes(b));
}

/** The rule in words, as the object of a sentence: "... must have cosigned". */
export function describeRule({ members, standAlone, standAloneQuorum }: CosigningRule): string {
  const names = standAlone.map(({ name }) => name).join(', ');
  const parts = [
    ...(members === 'roster-quorum' ? ['as many members as must approve a roster'] : []),
    ...(typeof members === 'number' && members > 0 ? [`${members} of the members`] : []),
    ...(standAloneQuorum > 0
      ? [`${standAloneQuorum} of ${standAlone.length} stand-alone witnesses (${names})`]
      : []),
  ];
  return parts.length === 0 ? 'nobody' : parts.join(' and ');
}

function isCosignerVkey(text: string): boolean {
  try {
    parseCosignerVkey(text);
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

/** Without the name and its digest: one key under two names would count twice. */
function toKeyPart(vkey: string): string {
  return vkey.split('+').slice(2).join('+');
}
