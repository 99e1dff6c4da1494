// Where the operator's commands find the running coordinator.
import { unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Refusal, refuseUnless } from '@blindsum/proto';
import type { Config } from '../config.ts';

/** Linux keeps 108 bytes for the path of a socket, with its terminator. */
const MAX_SOCKET_PATH_BYTES = 107;

/** The socket's path; refuses CONFIG_INVALID for a state directory whose name is too long for one. */
export function adminSocketPath({ stateDirectory }: Pick<Config, 'stateDirectory'>): string {
  const path = join(stateDirectory, 'admin.sock');
  refuseUnless(
    Buffer.byteLength(path) <= MAX_SOCKET_PATH_BYTES,
    'CONFIG_INVALID',
    `stateDirectory: the path of its socket, ${path}, is longer than ${MAX_SOCKET_PATH_BYTES} bytes`,
  );
  return path;
}

/** Refuses CONFIG_INVALID if a coordinator answers at the socket; removes the socket that a killed one left behind. */
export async function refuseIfRunning(path: string): Promise<void> {
  const state = await probe(path);
  if (state === 'answers') {
    throw new Refusal('CONFIG_INVALID', `another coordinator runs with this state directory (${path})`);
  }
  if (state === 'stale') await unlink(path);
}

function probe(path: string): Promise<'answers' | 'stale' | 'absent'> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve('answers');
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') resolve('absent');
      else if (error.code === 'ECONNREFUSED') resolve('stale');
      else reject(error);
    });
  });
}
