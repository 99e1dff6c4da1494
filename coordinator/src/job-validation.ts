// Checks a job without submitting it, and says what it would cost.
import {
  CHUNK_BYTES,
  createManifest,
  parseJobFile,
  parseManifest,
  payloadLayout,
  placeholderRoster,
  Refusal,
  roundMinimum,
  roundThreshold,
  SEALED_SHARE_BYTES,
  verifyAuthor,
  verifyManifestFits,
  type Manifest,
  type Roster,
  type SignedManifest,
} from '@blindsum/proto';
import { verifyEd25519 } from '@blindsum/proto/node';
import { verifyRoom, type UploadRoom } from './uploads/upload-demand.ts';

const SIGNING_KEY_DIGITS = 64;
const PLACEHOLDER_AUTHOR = { name: 'nobody', key: '0'.repeat(SIGNING_KEY_DIGITS) };

/** The manifest of a job file; refuses CONFIG_INVALID, MANIFEST_INVALID or MODEL_MISMATCH with the place. */
export function checkJobFile(file: unknown, roster: Roster): Manifest {
  return createManifest(parseJobFile(file), roster, PLACEHOLDER_AUTHOR);
}

/** The same of a manifest as its author signed it; refuses BAD_SIGNATURE too. */
export function checkSignedManifest(signed: SignedManifest, roster: Roster): Manifest {
  const manifest = parseManifest(signed.manifest);
  verifyAuthor(manifest.author, signed, verifyEd25519);
  verifyManifestFits(manifest, roster);
  return manifest;
}

/** Those that a job is checked for where no roster is adopted. */
export function assumedRoster(sites: number): Roster {
  return placeholderRoster(sites, 'validation.invalid');
}

/** What a job asks of each of so many sites. */
export function jobCost(manifest: Manifest, sites: number) {
  const { chunks } = payloadLayout(manifest, 'training');
  return {
    job: manifest.job,
    sites,
    threshold: roundThreshold(manifest, sites),
    minimum: roundMinimum(manifest, sites),
    rounds: manifest.rounds,
    parameters: manifest.model.parameters,
    uploadBytesPerRound: chunks * CHUNK_BYTES + sites * SEALED_SHARE_BYTES,
  };
}

export interface Problem {
  /** Where in the document; empty for the whole of it. */
  readonly path: string;
  readonly message: string;
  readonly code: string;
}

/** What `check` refuses, and that there is no room for; with the cost of a job that is good. */
export function validateJob(check: () => Manifest, sites: number, room: UploadRoom) {
  try {
    const manifest = check();
    verifyRoom(manifest, sites, room);
    return { ok: true, problems: [], summary: jobCost(manifest, sites) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ok: false, problems: toProblems(error), summary: null };
  }
}

/** A refusal names the place of each mistake (describeIssues). */
function toProblems({ code, detail }: Refusal): Problem[] {
  return detail.split('; ').map((part) => {
    const [, path = '', message = part] = /^([A-Za-z0-9_.-]+): (.+)$/s.exec(part) ?? [];
    return { path: path === 'document' ? '' : path, message, code };
  });
}
