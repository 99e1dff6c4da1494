// The description of the admin API for people and programs, from this server alone: nothing of it is fetched from elsewhere.
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { API_HINTS } from '@blindsum/proto/command-line';

/** The one style attribute of Swagger UI that is in its markup. */
const ITS_STYLE = "'unsafe-hashes' 'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='";
/** What Swagger UI needs and no more; its icons are in its style sheet. */
const POLICY = [
  "default-src 'none'",
  ...["script-src 'self'", `style-src 'self' ${ITS_STYLE}`, "img-src 'self' data:", "connect-src 'self'"],
  ...["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
].join('; ');

/** Describes the routes that were added since `describeApi`. */
export async function serveApiDocumentation(app: FastifyInstance): Promise<void> {
  let text: string | undefined;
  app.get('/v1/openapi.json', async (_request, reply) =>
    reply
      .type('application/json; charset=utf-8')
      .header('cache-control', 'no-cache')
      .send((text ??= JSON.stringify(app.swagger()))),
  );
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: POLICY,
    theme: { title: 'Blindsum admin API' },
    uiConfig: { validatorUrl: null, deepLinking: true, docExpansion: 'list' },
  });
  const page = renderErrors();
  app.get('/docs/errors', async (_request, reply) =>
    reply.type('text/html; charset=utf-8').header('cache-control', 'no-cache').send(page),
  );
}

/** Where the `type` of a problem leads. */
function renderErrors(): string {
  const entries = Object.entries(API_HINTS).map(
    ([code, hint]) => `<dt id="${code}"><code>${code}</code></dt><dd>${escapeHtml(hint)}</dd>`,
  );
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Error codes</title>
<h1>Error codes, and what to do</h1>
<dl>${entries.join('\n')}</dl>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
