// Submitting a job: its roster are the sites admitted by then, its manifest is what its author signed.
import {
  encodeRoster,
  parseManifest,
  parseRoster,
  Refusal,
  rosterHash,
  toCanonicalBytes,
  toHex,
  type Manifest,
  type Member,
  type Roster,
  type SignedManifest,
} from '@blindsum/proto';
import type { JobDriver } from '../job-driver.ts';
import type { MemberStore } from '../member-store.ts';
import type { JobStore, StoredJob } from '../ports.ts';
import { keptAttempts, type RetentionRules } from '../retention/removable-blobs.ts';
import { toUploadDemand, verifyFits } from '../uploads/upload-demand.ts';
import type { UploadLimits } from '../uploads/upload-quota.ts';

export interface Submission {
  readonly federation: string;
  readonly members: MemberStore;
  readonly jobs: Pick<JobStore, 'list'>;
  readonly driver: Pick<JobDriver, 'submit'>;
  readonly limits: UploadLimits;
  readonly retention: Pick<RetentionRules, 'failedAttempts'>;
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
  const roster = await nextRoster(submission);
  const manifest = parseManifest(signed.manifest);
  verifyFits(
    toUploadDemand(manifest, roster.members.length),
    submission.limits,
    keptAttempts(manifest, submission.retention),
  );
  const stored = await submission.driver.submit({
    manifest: signed.manifest,
    authorSignature: signed.signature,
    roster: encodeRoster(roster),
  });
  return { stored, manifest, roster };
}

/** The roster of the next job: the latest roster if its members are those admitted and not revoked, or the next one after it: rosters form a chain (PROTOCOL.md section 7). */
export async function nextRoster({
  federation,
  members,
  jobs,
}: Pick<Submission, 'federation' | 'members' | 'jobs'>): Promise<Roster> {
  const admitted = (await members.list()).filter(({ revoked }) => revoked === undefined).map(toRosterMember);
  const rosters = (await jobs.list()).map(({ roster }) => parseRoster(roster));
  const latest = rosters.toSorted((a, b) => a.version - b.version).at(-1);
  if (latest && isSameMembers(latest.members, admitted)) return latest;
  if (admitted.length < 2)
    throw new Refusal('CONFIG_INVALID', 'admit at least two sites before a job is submitted');
  return {
    federation,
    version: (latest?.version ?? 0) + 1,
    previous: latest ? rosterHash(latest) : '',
    members: admitted,
  };
}

function toRosterMember(member: {
  readonly site: Member['site'];
  readonly signingKey: Uint8Array;
  readonly sharingKey: Uint8Array;
}): Member {
  const { site, signingKey, sharingKey } = member;
  return { site, signingKey: toHex(signingKey), sharingKey: toHex(sharingKey) };
}

function isSameMembers(a: readonly Member[], b: readonly Member[]): boolean {
  return toHex(toCanonicalBytes(a)) === toHex(toCanonicalBytes(b));
}
