// The local page of the agent that runs.
import type { Logger } from 'pino';
import type { FastifyInstance } from 'fastify';
import type { Config } from '../config.ts';
import { createLocalServer, listenLocally } from '../http/local-server.ts';
import { createPageSecret, removePageFile, writePageFile } from '../http/page-file.ts';
import type { SiteKeys } from '../identity/site-keys.ts';
import { readSiteView } from '../status/read-site-view.ts';
import type { SiteView } from '../view/site-view.ts';

export interface LocalPage {
  close(): Promise<void>;
}

/** However many look, and however often, the files are read every so often only. */
const FRESH_MS = 1_000;

/**
 * Opens the page if the configuration has one; `add` may add routes to it. Refuses CONFIG_INVALID when its port is taken. What goes
 * wrong with it later ends nothing but the answer.
 */
export async function openLocalPage(
  config: Config,
  keys: SiteKeys,
  log: Logger,
  add: (app: FastifyInstance) => void = () => undefined,
): Promise<LocalPage> {
  // Also that of an agent that was killed.
  removePageFile(config.stateDirectory);
  if (config.localPage === undefined) return { close: async () => undefined };
  const secret = createPageSecret();
  const app = await createLocalServer({
    secret,
    readView: kept(() => readSiteView(config, keys)),
    nowMs: () => Date.now(),
    failed: (error) => log.error({ event: 'page.failed', detail: String(error) }, 'page.failed'),
  });
  add(app);
  const port = await listenLocally(app, config.localPage.port);
  writePageFile(config.stateDirectory, { port, secret });
  log.info({ event: 'page.ready', port }, 'page.ready');
  return {
    async close() {
      removePageFile(config.stateDirectory);
      await app.close();
    },
  };
}

/** The same view for everybody who asks within a second of it. */
function kept(read: () => Promise<SiteView>): () => Promise<SiteView> {
  let last: { readonly view: Promise<SiteView>; readonly atMs: number } | undefined;
  return () => {
    if (last === undefined || Date.now() - last.atMs >= FRESH_MS) last = { view: read(), atMs: Date.now() };
    return last.view;
  };
}
