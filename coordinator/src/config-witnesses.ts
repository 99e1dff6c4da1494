// The `witnesses` section of coordinator.yaml: who watches the log besides the members, and how many must have cosigned.
import { z } from 'zod';
import { Refusal, toHex } from '@blindsum/proto';
import {
  MAX_COSIGNING_MEMBERS,
  MAX_STAND_ALONE,
  parseCosignerVkey,
  WITNESS_NAME,
  type NoteKey,
} from '@blindsum/proto/tlog';

const addressSchema = z
  .string()
  .regex(/^https?:\/\/[^\s?#@]+$/, 'expected an address, http:// or https://')
  .transform((address) => (address.endsWith('/') ? address : `${address}/`));

const vkeySchema = z.string().transform((text, context): NoteKey => {
  try {
    return parseCosignerVkey(text);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    context.addIssue({ code: 'custom', message: error.detail });
    return z.NEVER;
  }
});

const witnessFormat = z.strictObject({
  /** In the policy; apart from the names that the policy itself uses. */
  name: z
    .string()
    .regex(
      WITNESS_NAME,
      'expected up to 63 small letters, digits, dots and hyphens, and no name of the policy itself',
    ),
  /** The witness's key, in signed-note form: Ed25519 or ML-DSA-44. */
  vkey: vkeySchema,
  /** Where checkpoints are sent: `add-checkpoint` is below it (C2SP tlog-witness). */
  url: addressSchema,
  /** Where what it has cosigned is read; `url` unless given. */
  monitoringUrl: addressSchema.optional(),
});

export const witnessesFormat = z
  .strictObject({
    /** Witnesses that are no members. */
    standAlone: z.array(witnessFormat).max(MAX_STAND_ALONE).default([]),
    quorum: z
      .strictObject({
        /** Members that must have cosigned; as many as must approve a roster unless given. */
        members: z.int().min(0).max(MAX_COSIGNING_MEMBERS).optional(),
        /** Stand-alone witnesses that must have. */
        standAlone: z.int().min(0).max(MAX_STAND_ALONE).default(0),
      })
      .prefault({}),
    /** With nothing to log, stand-alone witnesses are asked again after this time: the log is alive. */
    heartbeatMinutes: z.int().min(1).max(1440).default(10),
  })
  .refine(
    ({ standAlone, quorum }) => quorum.standAlone <= standAlone.length,
    'quorum.standAlone asks for more than there are in standAlone',
  )
  .refine(
    ({ standAlone }) => new Set(standAlone.map(({ name }) => name)).size === standAlone.length,
    'standAlone has two witnesses of one name',
  )
  .refine(
    ({ standAlone }) =>
      new Set(standAlone.map(({ vkey }) => toHex(vkey.publicKey))).size === standAlone.length,
    'standAlone has two witnesses of one key',
  )
  .prefault({});

export type WitnessesConfig = z.output<typeof witnessesFormat>;
export type WitnessConfig = WitnessesConfig['standAlone'][number];
