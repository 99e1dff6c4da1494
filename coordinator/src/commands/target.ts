// Which coordinator a command is for, and how it is asked: over the socket of a configuration, or over HTTPS with an API key.
import { readFile } from 'node:fs/promises';
import { Refusal, refuseUnless } from '@blindsum/proto';
import { lookAtFile, trustAuthorityFile } from '@blindsum/proto/node';
import { createAdminClient, Problem, type AdminClient } from '@blindsum/admin-client';
import { adminSocketPath } from '../admin/admin-socket.ts';
import { connectSocket } from '../admin/admin-transport.ts';
import { loadConfig } from '../config.ts';

export interface RemoteTarget {
  /** https://host:port; http:// on loopback. */
  readonly server: string;
  readonly apiKeyFile: string;
  /** PEM file of the authority that the server's certificate is of, if it is not one of the platform's. */
  readonly ca: string | undefined;
}

/** The path of a configuration, whose socket is asked, or a server. */
export type Target = string | RemoteTarget;

/** Refuses CONFIG_INVALID for a configuration, an address or a key file with a mistake; nothing is asked yet. */
export async function connect(target: Target): Promise<AdminClient> {
  if (typeof target !== 'string') return connectServer(target);
  return connectSocket(adminSocketPath(await loadConfig(target)), {
    start: `start it with: blindsum-coordinator serve --config ${target}`,
    hint: `If it does not start, blindsum-coordinator doctor --config ${target} says why.`,
  });
}

/** What a call was answered with; its Problem as the Refusal it is. */
export async function answered<T>(call: Promise<{ readonly data?: T }>): Promise<T> {
  try {
    const { data } = await call;
    if (data === undefined) throw new Error('the answer is empty');
    return data;
  } catch (error) {
    throw toRefusal(error);
  }
}

/** What the client throws, as the commands throw it: a Refusal has the Problem, with its hint, as its cause. */
export function toRefusal(error: unknown): unknown {
  if (!(error instanceof Problem)) return error;
  const { code, detail } = error;
  return code === 'INTERNAL'
    ? new Error(detail, { cause: error })
    : new Refusal(code, detail, { cause: error });
}

async function connectServer({ server, apiKeyFile, ca }: RemoteTarget): Promise<AdminClient> {
  const baseUrl = parseServer(server);
  if (ca !== undefined) await trustAuthorityFile(ca, '--ca');
  const credential = await readApiKey(apiKeyFile);
  return createAdminClient({
    ...{ baseUrl, credential },
    whenSilent: (cause) => ({
      detail: `no coordinator answers at ${baseUrl}${reasonOf(cause)}`,
      hint: 'Check the address, the network between, and --ca if the server has an authority of its own.',
    }),
  });
}

/** What the platform's fetch says why it got nothing, of which its message is no more than "fetch failed". */
function reasonOf(error: unknown): string {
  const { cause } = error as Error;
  return cause instanceof Error && cause.message !== '' ? ` (${cause.message})` : '';
}

function parseServer(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isLocal = url?.hostname === 'localhost' || url?.hostname === '127.0.0.1';
  const isGood = url !== undefined && (url.protocol === 'https:' || (url.protocol === 'http:' && isLocal));
  refuseUnless(isGood && url.pathname === '/', 'CONFIG_INVALID', '--server: expected https://host:port');
  return url.origin;
}

async function readApiKey(path: string): Promise<string> {
  const facts = await lookAtFile(path);
  if (!facts) throw new Refusal('CONFIG_INVALID', `--api-key-file: ${path} cannot be read`);
  const isPrivate = (facts.mode & 0o077) === 0;
  refuseUnless(isPrivate, 'CONFIG_INVALID', `--api-key-file: others can read ${path}; run chmod 600 on it`);
  const credential = (await readFile(path, 'utf8')).trim();
  refuseUnless(
    /^bsk_[0-9a-z_]{1,200}$/i.test(credential),
    'CONFIG_INVALID',
    `--api-key-file: ${path} holds no API key`,
  );
  return credential;
}
