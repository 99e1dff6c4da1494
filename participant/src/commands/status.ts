// `status`: a site's own view of itself, from its own files.
import type { Config } from '../config.ts';
import { loadSiteKeys } from '../identity/site-keys.ts';
import { readSiteView } from '../status/read-site-view.ts';
import { toSiteLines } from '../view/site-lines.ts';
import { createPageAddress } from '../http/page-file.ts';
import type { Print } from './print.ts';

export async function status(config: Config, print: Print): Promise<void> {
  const keys = await loadSiteKeys(config.stateDirectory, config.keys);
  const view = await readSiteView(config, keys);
  print(view, toSiteLines(view).join('\n'));
}

/** The address of the page of the agent that runs, good once. Refuses NOT_FOUND when there is none. */
export function statusPage(config: Config, print: Print): void {
  const address = createPageAddress(config.stateDirectory, Date.now());
  print({ address }, `${address}\nOpen it on this machine, once, within five minutes.`);
}
