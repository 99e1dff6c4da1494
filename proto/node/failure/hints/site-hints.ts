// What to do about what `blindsum-site` ends with. Much of it is what the coordinator refused, or showed.
import { API_HINTS, correctionHint, FAULT_HINT, WRITTEN_HINT, type Hints } from './api-hints.ts';

const MORE_SITES = 'Nothing at this site: the round is repeated once more sites take part.';
const TAKEN_UP =
  'Start the agent again: it goes on where the coordinator is; if it persists, tell the operator.';
const SENT_ANEW = 'Start the agent again; if it persists, bytes change on their way or on this disk.';
const CONTRADICTED =
  'Look at blindsum-site log show: nothing is contributed until a person has; compare both checkpoints in the named file with the other sites.';

/** For the administrator of a site, who can do nothing at the coordinator. */
export const SITE_HINTS: Hints = {
  MALFORMED: WRITTEN_HINT,
  CONFIG_INVALID: correctionHint('blindsum-site'),
  MANIFEST_INVALID:
    'Tell the author of the job what is named: this job can never run here, one with other terms needs a new name.',
  DATA_INVALID: API_HINTS.DATA_INVALID,
  MODEL_MISMATCH:
    'Check that the model files belong to this job and were not changed; a site that fell behind catches up by itself.',
  UNAUTHENTICATED:
    'Check the clock of this machine; then ask the operator whether this site was revoked, and enrol again with another token.',
  NOT_ALLOWED: 'Ask the operator: it is not for sites to do that.',
  NOT_A_MEMBER:
    'Ask the operator to propose a roster that lists this site with its keys; blindsum-site roster show has the one in force.',
  NOT_A_CONTRIBUTOR: API_HINTS.NOT_A_CONTRIBUTOR,
  NOT_FOUND: 'Check what is named; jobs list, models list, roster show and log show say what there is.',
  BAD_SIGNATURE:
    'Run blindsum-site doctor, which compares the keys of this site with its grant; if they agree, show the operator what is named.',
  WRONG_CONTEXT: TAKEN_UP,
  WRONG_PHASE:
    'Look at its state again (jobs show, models show, roster show): it is too early for that, or too late.',
  CONFLICTING_SUBMISSION:
    'The first one counts; if it is not known here, look for a second agent with these keys or with a copy of this state.',
  PART_OUT_OF_ORDER: TAKEN_UP,
  PART_BAD_LENGTH: TAKEN_UP,
  PART_OUT_OF_RANGE: 'Start the agent again, which encrypts anew; if it persists, install the program anew.',
  ROOT_MISMATCH: SENT_ANEW,
  BAD_SHARE: 'Nothing at this site: it has named the dealer, and the round goes on without that one.',
  INCONSISTENT_SHARES: 'Do not use the round; tell the operator, who finds the site whose share differs.',
  TOO_FEW_SHARES: MORE_SITES,
  BAD_RESIDUAL: API_HINTS.BAD_RESIDUAL,
  BAD_CHECKSUM: API_HINTS.BAD_CHECKSUM,
  TOO_FEW_CONTRIBUTORS: MORE_SITES,
  TOO_FEW_ACKNOWLEDGEMENTS: MORE_SITES,
  TOO_FEW_ATTESTATIONS: API_HINTS.TOO_FEW_ATTESTATIONS,
  TOO_FEW_COSIGNATURES: API_HINTS.TOO_FEW_COSIGNATURES,
  POLICY_MISMATCH: API_HINTS.POLICY_MISMATCH,
  ALREADY_OPENED: API_HINTS.ALREADY_OPENED,
  MODEL_DISAGREEMENT: API_HINTS.MODEL_DISAGREEMENT,
  BAD_ROSTER: 'Do not trust the coordinator; compare blindsum-site roster show with the other sites.',
  TOO_FEW_APPROVALS:
    'Do not trust a coordinator that calls this roster adopted; roster show names the sites that it waits for.',
  ROSTER_NOT_APPROVED:
    'Run blindsum-site roster show, and compare the fingerprints with the other sites by telephone; then roster approve.',
  POLICY_FORBIDS:
    "Nothing, if the job is not to run here; else change the rule that is named in this site's policy file.",
  APPROVAL_NEEDED:
    'Look at it with blindsum-site jobs show, then jobs approve or jobs refuse; an agent that runs takes that up by itself.',
  BAD_RECORD: API_HINTS.BAD_RECORD,
  BAD_PROOF: API_HINTS.BAD_PROOF,
  BAD_CHECKPOINT: API_HINTS.BAD_CHECKPOINT,
  BAD_MODEL_CHECKPOINT: API_HINTS.BAD_MODEL_CHECKPOINT,
  LOG_STOPPED:
    'Wait: the operator has to restore a newer state of the coordinator, and the agent goes on by itself.',
  NOT_LOGGED: API_HINTS.NOT_LOGGED,
  LOG_SHRANK: CONTRADICTED,
  LOG_FORKED: CONTRADICTED,
  BUSY: API_HINTS.BUSY,
  QUOTA_EXCEEDED:
    'Ask the operator to make room or raise the limit that is named; the agent tries again by itself.',
  UNAVAILABLE:
    'Check the network between, which blindsum-site doctor tries once there is a grant; ask the operator whether the coordinator runs.',
  INTERNAL: FAULT_HINT,
};
