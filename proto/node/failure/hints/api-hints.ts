// What to do about each refusal, as problem documents of the API say it. The same is in docs/errors.md, which a test compares.
import type { RefusalCode } from '../../../src/refusal.ts';

/** What hints are about: every refusal, and a fault of the program itself. */
export type HintedCode = RefusalCode | 'INTERNAL';

/** What one audience is told to do, complete by type: a code without a hint does not compile. Null where there is nothing to add. */
export type Hints = Readonly<Record<HintedCode, string | null>>;

const MORE_SITES = 'Wait for more sites, or repeat the round.';

/** For whoever called the API, who may be of either side. */
export const API_HINTS = {
  MALFORMED: 'Compare the versions of both programs; for a file, correct the place that is named.',
  CONFIG_INVALID: 'Correct the place that is named and start again.',
  MANIFEST_INVALID: 'Correct the named term of the job and submit it under a new name.',
  DATA_INVALID: 'Correct the named row and column, or the schema.',
  MODEL_MISMATCH:
    'Check that the model file belongs to this job; a site that fell behind catches up by itself.',
  UNAUTHENTICATED: 'Use an API key that is good and has not expired, or sign in again.',
  NOT_ALLOWED: "Ask the operator for a key of that scope; change things from the coordinator's own pages.",
  NOT_A_MEMBER:
    'Join a job whose roster names the site; a site that consents late takes part from the next round on.',
  NOT_A_CONTRIBUTOR: 'Nothing: unless the job says so, the site takes part again in the next round.',
  NOT_FOUND: "Check the name; an old round's shares may have been removed.",
  BAD_SIGNATURE:
    'Check that the site uses the keys it was admitted with; a manifest is signed again by the author that it names.',
  WRONG_CONTEXT: "Ask for the round's state and answer that one.",
  WRONG_PHASE: "Ask for the round's state and do what it waits for.",
  CONFLICTING_SUBMISSION: 'Send the first one again; under a new name if it is a job.',
  PART_OUT_OF_ORDER: "Ask for the upload's status and continue from there.",
  PART_BAD_LENGTH: 'Send parts of exactly 1 MiB, only the last one shorter.',
  PART_OUT_OF_RANGE: "Encrypt again; the site's build may be broken.",
  ROOT_MISMATCH: 'Upload again; if it persists, the bytes change on their way or on disk.',
  BAD_SHARE: 'The recipient complains and names the dealer; the round goes on without that dealer.',
  INCONSISTENT_SHARES: 'The round must not be used; find the site whose share differs.',
  TOO_FEW_SHARES: MORE_SITES,
  BAD_RESIDUAL: "The round must not be used; run the auditor's verify-round.",
  BAD_CHECKSUM: "The coordinator or a contributor changed a ciphertext; run the auditor's verify-round.",
  TOO_FEW_CONTRIBUTORS: MORE_SITES,
  TOO_FEW_ACKNOWLEDGEMENTS: MORE_SITES,
  TOO_FEW_ATTESTATIONS: 'Do not trust the coordinator; the site takes no model on its word.',
  TOO_FEW_COSIGNATURES:
    'Wait for more witnesses and fetch it again; if it persists, the log may show others another tree.',
  POLICY_MISMATCH:
    "A change in the log is the operator's: ask why. If what is served differs from the log, do not trust the coordinator; keep both.",
  ALREADY_OPENED: 'The same set is carried to its end, or the job stops.',
  MODEL_DISAGREEMENT: "Compare the versions of the sites' programs; the record names who attested what.",
  BAD_ROSTER:
    "Do not trust the coordinator; compare roster show with the other sites. At restore: use a backup from after the log's latest roster.",
  TOO_FEW_APPROVALS:
    'Wait for the sites that roster show names; a site that gets such a roster as adopted must not trust the coordinator.',
  ROSTER_NOT_APPROVED:
    'On the site, blindsum-site roster show; compare the fingerprints out of band, then roster approve.',
  POLICY_FORBIDS: "Change the job, or have the site's owner change the policy.",
  APPROVAL_NEEDED:
    'At the site: blindsum-site jobs show, then jobs approve or jobs refuse; the agent that runs takes it up by itself.',
  BAD_RECORD: 'Do not trust the log; keep a copy of it.',
  BAD_PROOF: 'Fetch it again; if it persists, do not trust its sender.',
  BAD_CHECKPOINT: 'Do not trust the log; keep both checkpoints as evidence.',
  BAD_MODEL_CHECKPOINT: 'Nothing: the site names its sealer, and another site is asked.',
  LOG_STOPPED:
    'The operator stops it and restores a newer backup, or the state that wrote those entries; sites wait.',
  NOT_LOGGED: 'Do not trust the coordinator; the site opens nothing of that round.',
  LOG_SHRANK:
    'At the site, blindsum-site log show: it contributes nothing until a person has looked. The file that is named holds both checkpoints; compare them with the other sites.',
  LOG_FORKED: 'As for LOG_SHRANK. Both checkpoints together prove it to anybody.',
  BUSY: 'Wait a moment and try again.',
  QUOTA_EXCEEDED:
    'A site waits and tries again by itself. The operator makes room or raises the named limit; a job is made smaller.',
  UNAVAILABLE: 'Check that it runs, its address, and the network between.',
  INTERNAL:
    'Have the operator look into the coordinator’s log; ask again, for nobody knows what became of it.',
} as const satisfies Hints;

/** For whoever gave a command that broke by itself, whichever program it is of. */
export const FAULT_HINT =
  'This is a fault of the program: report it, with what BLINDSUM_TRACE=1 before the command prints.';

/** For whoever gave a command that the machine did not let be done. */
export const MACHINE_HINT =
  'Check what is named: that it is there, that this user may use it, and that its disk has room.';

/** Of what people write as well as programs. */
export const WRITTEN_HINT =
  'Correct what is named, in the command or in the file; if another program wrote or sent it, compare the versions of both.';

/** For whoever has to correct a command or a configuration of `program`. */
export function correctionHint(program: string): string {
  return `Correct what is named; --help explains a command, ${program} doctor a configuration, and init writes a new one.`;
}
