// Where the operator's commands find the running coordinator.
import { join } from 'node:path';
import { refuseUnless } from '@blindsum/proto';
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
