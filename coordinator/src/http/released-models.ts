// Released models over HTTP, for everybody. Only paths of one spelling are served.
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { withFiles } from '../api/release-routes.ts';
import { parseJobId, Refusal, type JobId } from '@blindsum/proto';
import { RELEASE_FILES, type ReleasedModels, type ReleaseFile } from '../release/released-models.ts';

const FOR_EVER = 'public, max-age=31536000, immutable';
const FEW_SECONDS = 'public, max-age=2';

const TYPES: Record<ReleaseFile, string> = {
  'model.bin': 'application/octet-stream',
  'model.json': 'application/json',
  'provenance.sigstore.json': 'application/json',
  'model.sig': 'application/json',
  'README.md': 'text/markdown; charset=utf-8',
};

interface FileRequest {
  readonly Params: { readonly job: string; readonly round: string; readonly file: string };
}

/** Serves the list under `/models`, and the files under `/models/<job>/<round>/`. */
export function serveReleasedModels(app: FastifyInstance, models: ReleasedModels): void {
  app.get('/models', async (_request, reply) =>
    reply
      .header('cache-control', FEW_SECONDS)
      .header('access-control-allow-origin', '*')
      .send({
        models: (await models.list()).map(withFiles),
      }),
  );
  app.get<FileRequest>('/models/:job/:round/:file', async ({ params }, reply) => {
    const file = parseFile(params);
    const content = file && (await models.read(file.job, file.round, file.name));
    if (!content) throw new Refusal('NOT_FOUND', 'no such file of a released model');
    reply
      .type(TYPES[file.name])
      .header('cache-control', FOR_EVER)
      .header('access-control-allow-origin', '*')
      .header('x-content-type-options', 'nosniff');
    if ('text' in content) return reply.send(content.text);
    return reply.header('content-length', content.bytes).send(Readable.from(content.parts));
  });
}

function parseFile({
  job,
  round,
  file,
}: FileRequest['Params']): { job: JobId; round: number; name: ReleaseFile } | undefined {
  const name = RELEASE_FILES.find((known) => known === file);
  if (name === undefined || !/^(0|[1-9][0-9]{0,6})$/.test(round)) return undefined;
  try {
    return { job: parseJobId(job), round: Number(round), name };
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}
