// Models that members made public, or talk about making public.
import { z } from 'zod';
import { pageOf } from './pages.ts';
import { count } from './values.ts';

export const releaseDocument = z
  .object({
    job: z.string(),
    round: count,
    state: z.enum(['voting', 'agreed', 'logged', 'available']),
    voters: z.array(z.string()),
    refusals: z.array(z.object({ site: z.string(), reason: z.string() })),
    fileDigest: z.string().nullable(),
    asked: z.string().nullable().describe('the voter that is asked for the file'),
    failed: z.array(z.string()).describe('voters that brought another file'),
    from: z.string().nullable().describe('the voter whose file is served'),
  })
  .meta({ id: 'Release' });
export const releasesDocument = pageOf('releases', releaseDocument);

export const releasedModelDocument = z
  .object({
    job: z.string(),
    round: count,
    fileDigest: z.string(),
    files: z.array(z.string()).describe('where anybody may fetch them'),
  })
  .meta({ id: 'ReleasedModel' });
export const modelsDocument = pageOf('models', releasedModelDocument);
