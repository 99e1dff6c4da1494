// `blindsum-coordinator init`: a configuration with every setting, for a federation that is new.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, writeNewFile } from '@blindsum/proto/node';
import { hostOf, isLoopback } from '../config-http.ts';

export interface FirstSettings {
  readonly federation: string;
  /** host:port that sites dial; the address listened on unless given. */
  readonly advertise: string | undefined;
  /** host:port for operators and auditors. */
  readonly listenHttp: string;
}

const TEMPLATE = new URL('./coordinator.yaml.template', import.meta.url);
const DEFAULT_GRPC = '127.0.0.1:7443';

/** The text of coordinator.yaml. What is not given is left to its default. */
export async function encodeConfiguration({
  federation,
  advertise,
  listenHttp,
}: FirstSettings): Promise<string> {
  const template = await readFile(TEMPLATE, 'utf8');
  return template
    .replaceAll('FEDERATION', federation)
    .replace('LISTEN_GRPC', toListener(advertise))
    .replace('LISTEN_HTTP', listenHttp)
    .replace(
      /^ADVERTISE$/m,
      advertise === undefined ? `#advertise: ${DEFAULT_GRPC}` : `advertise: ${advertise}`,
    );
}

/** A name that others dial means every address of this machine. */
function toListener(advertise: string | undefined): string {
  if (advertise === undefined) return DEFAULT_GRPC;
  const host = hostOf(advertise);
  return isLoopback(host) ? advertise : `0.0.0.0${advertise.slice(host.length)}`;
}

/** Writes coordinator.yaml into the folder, which is made; returns its path. Refuses CONFIG_INVALID if there is one. */
export async function writeConfiguration(folder: string, settings: FirstSettings): Promise<string> {
  const path = join(folder, 'coordinator.yaml');
  await makeFolder(folder);
  await writeNewFile(path, await encodeConfiguration(settings));
  return path;
}
