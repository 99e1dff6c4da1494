// A job submitted as its author would, without the command line.
import {
  createManifest,
  encodeSignedManifest,
  parseJobFile,
  parseRoster,
  toCanonicalBytes,
  type CanonicalValue,
} from '@blindsum/proto';
import { signTestManifest, TEST_AUTHOR } from '../../test/fixtures/federation.ts';
import type { AdminClient } from './admin/admin-client.ts';
import { TEST_JOB } from './federation.fixture.ts';

/** Submits TEST_JOB with `changes` laid over it, to the sites admitted by then. */
export async function submitTestJob(admin: AdminClient, changes: object = {}): Promise<unknown> {
  const roster = parseRoster(toCanonicalBytes((await admin.get('/roster/next')) as CanonicalValue));
  const manifest = createManifest(parseJobFile({ ...TEST_JOB, ...changes }), roster, TEST_AUTHOR);
  return admin.post('/jobs', encodeSignedManifest(signTestManifest(manifest)));
}
