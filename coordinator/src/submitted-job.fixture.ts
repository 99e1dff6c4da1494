// A job submitted as its author would, without the command line.
import {
  createManifest,
  encodeSignedManifest,
  parseJobFile,
  parseRoster,
  toCanonicalBytes,
} from '@blindsum/proto';
import { answerOf, type AdminClient, type components } from '@blindsum/admin-client';
import { signTestManifest, TEST_AUTHOR } from '../../test/fixtures/federation.ts';
import { TEST_JOB } from './federation.fixture.ts';

/** Submits TEST_JOB with `changes` laid over it, to the sites admitted by then. */
export async function submitTestJob(admin: AdminClient, changes: object = {}): Promise<unknown> {
  const roster = parseRoster(toCanonicalBytes(await answerOf(admin.GET('/v1/roster/next'))));
  const manifest = createManifest(parseJobFile({ ...TEST_JOB, ...changes }), roster, TEST_AUTHOR);
  const signed = encodeSignedManifest(signTestManifest(manifest));
  const body = JSON.parse(signed) as components['schemas']['SignedManifest'];
  return answerOf(admin.POST('/v1/jobs', { body }));
}
