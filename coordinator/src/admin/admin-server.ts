// The admin API over a Unix-domain socket in the state directory. Whoever can open the socket is the operator.
import { chmod } from 'node:fs/promises';
import Fastify, { type FastifyInstance } from 'fastify';
import { forbidUnrecorded } from '../administration/actions.ts';
import { addApiRoutes, type ApiShell } from '../api/api-routes.ts';
import { addEntityTags } from '../api/entity-tags.ts';
import { useStrictFormats } from '../api/strict-formats.ts';
import { answerFrameworkError, answerWithProblems } from '../http/problem.ts';
import { toAdminCaller } from './admin-caller.ts';

export type AdminShell = Omit<ApiShell, 'callerOf'>;

const MAX_BODY_BYTES = 4 << 20;

export function createAdminServer(admin: AdminShell): FastifyInstance {
  const shell: ApiShell = { ...admin, callerOf: toAdminCaller };
  const app = Fastify({
    ...{ logger: false, bodyLimit: MAX_BODY_BYTES, forceCloseConnections: true },
    frameworkErrors: answerFrameworkError,
  });
  answerWithProblems(app, shell.log);
  useStrictFormats(app);
  addEntityTags(app);
  forbidUnrecorded(app);
  addApiRoutes(app, shell);
  return app;
}

/** Listens on the socket, for the operator's user only. */
export async function listenAdmin(app: FastifyInstance, path: string): Promise<void> {
  await app.listen({ path });
  await chmod(path, 0o600);
}
