// The page with which anybody checks a record in a browser. It is built beforehand and whole: nothing of it is made here.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';

const PATH = '/log/verify';

/** Serves the page, which may run and show what is in it, and load and send nothing. */
export function serveVerificationPage(app: FastifyInstance): void {
  const page = readFileSync(fileURLToPath(import.meta.resolve('@blindsum/page/verify.html')));
  const policy = `${policyOf(page.toString('utf8'))}; frame-ancestors 'none'`;
  app.get(PATH, async (_request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', policy)
      .header('cache-control', 'no-cache')
      .send(page),
  );
}

/** The page says itself what it may do, so that it is held to it from a file as well. */
function policyOf(page: string): string {
  const found = /<meta http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(page);
  if (!found?.[1]) throw new Error('the verification page has no policy');
  return found[1];
}
