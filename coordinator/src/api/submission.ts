// Submitting a job: its roster is the latest that was adopted, its manifest is what its author signed.
import {
  encodeRoster,
  parseManifest,
  Refusal,
  type Manifest,
  type Roster,
  type SignedManifest,
} from '@blindsum/proto';
import type { JobDriver } from '../job-driver.ts';
import type { StoredJob } from '../ports.ts';
import type { RosterDriver } from '../roster-driver.ts';
import { latestRoster } from '../roster-reader.ts';
import { rosterStatus } from '../roster-status.ts';
import { verifyRoom, type UploadRoom } from '../uploads/upload-demand.ts';

export interface Submission extends UploadRoom {
  readonly rosters: Pick<RosterDriver, 'chain'>;
  readonly driver: Pick<JobDriver, 'submit'>;
}

export interface Submitted {
  readonly stored: StoredJob;
  readonly manifest: Manifest;
  readonly roster: Roster;
}

/**
 * Takes in a manifest; the same again is a retry. Refuses MALFORMED, MANIFEST_INVALID or MODEL_MISMATCH for its terms,
 * BAD_SIGNATURE for a signature that is not its author's, QUOTA_EXCEEDED for one whose rounds have no room, and
 * CONFLICTING_SUBMISSION for another job of the same name.
 */
export async function submitJob(submission: Submission, signed: SignedManifest): Promise<Submitted> {
  const roster = await currentRoster(submission);
  const manifest = parseManifest(signed.manifest);
  verifyRoom(manifest, roster.members.length, submission);
  const stored = await submission.driver.submit({
    manifest: signed.manifest,
    authorSignature: signed.signature,
    roster: encodeRoster(roster),
  });
  return { stored, manifest, roster };
}

/** The roster of the next job: the latest adopted one, for sites take part under no other. Refuses CONFIG_INVALID if there is none. */
export async function currentRoster({ rosters }: Pick<Submission, 'rosters'>): Promise<Roster> {
  const chain = await rosters.chain();
  const latest = latestRoster(chain);
  if (latest) return latest.roster;
  const { proposed } = rosterStatus(chain);
  if (!proposed)
    throw new Refusal(
      'CONFIG_INVALID',
      'there is no roster: admit the sites, then propose one (roster propose)',
    );
  const { owners } = proposed.missing;
  throw new Refusal('CONFIG_INVALID', `the first roster waits for the approval of ${owners.join(', ')}`);
}
