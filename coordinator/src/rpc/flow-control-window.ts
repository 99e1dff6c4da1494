// HTTP/2 windows of the server. grpc-js 1.14 keeps Node's 64 KiB (grpc/grpc-node#3058), which bounds an upload to 64 KiB per
// round trip: 2 MB/s at 20 ms. Both places it has to be set in are internal, so that each is looked for before it is used.
import type { Http2Server, ServerHttp2Session } from 'node:http2';
import type { Server, ServerCredentials } from '@grpc/grpc-js';
import { isStranger } from './stranger-connections.ts';

/** Bytes on their way on one connection: 8 MiB give more than 1 Gbit/s at 20 ms. */
export const WINDOW_BYTES = 8 << 20;
/** HTTP/2 settings given here replace those of grpc-js, this limit included. */
const MAX_STREAMS = 128;

interface Internals {
  readonly _getConstructorOptions?: () => { settings?: object } | null;
  readonly http2Servers?: ReadonlyMap<Http2Server, unknown>;
}

/** Widens the window of each stream; call it before the server is bound. Returns false if grpc-js has no place for it. */
export function widenStreamWindow(credentials: ServerCredentials, bytes = WINDOW_BYTES): boolean {
  const options = (credentials as unknown as Internals)._getConstructorOptions?.();
  if (!options) return false;
  options.settings = { initialWindowSize: bytes, maxConcurrentStreams: MAX_STREAMS };
  return true;
}

/** Widens the window of each connection to come, except for strangers, who upload nothing; call it after the server is bound. Returns false if grpc-js has no place for it. */
export function widenConnectionWindow(server: Server, bytes = WINDOW_BYTES): boolean {
  const servers = (server as unknown as Internals).http2Servers;
  if (!servers || servers.size === 0) return false;
  for (const http2Server of servers.keys()) {
    http2Server.on('session', (session: ServerHttp2Session) => {
      if (!isStranger(session)) session.setLocalWindowSize(bytes);
    });
  }
  return true;
}
