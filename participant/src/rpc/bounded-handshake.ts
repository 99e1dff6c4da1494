// grpc-js (1.14) waits without end for a TLS handshake on a connection that was reset before it began, as every proxy resets
// connections while the coordinator behind it is away, and for one that nobody answers. The channel would never try again.
import type { Socket } from 'node:net';
import type { ChannelCredentials } from '@grpc/grpc-js';

type SecureConnector = ReturnType<ChannelCredentials['_createSecureConnector']>;

/** The credentials, changed so that a handshake fails once its connection closes, or after `limitMs`. */
export function boundHandshakes(credentials: ChannelCredentials, limitMs: number): ChannelCredentials {
  const create = credentials._createSecureConnector.bind(credentials);
  credentials._createSecureConnector = (...target) => withinLimit(create(...target), limitMs);
  return credentials;
}

function withinLimit(connector: SecureConnector, limitMs: number): SecureConnector {
  return {
    connect: (socket) => connectWithin(connector, socket, limitMs),
    waitForReady: () => connector.waitForReady(),
    getCallCredentials: () => connector.getCallCredentials(),
    destroy: () => connector.destroy(),
  };
}

async function connectWithin(connector: SecureConnector, socket: Socket, limitMs: number) {
  const { promise: failed, reject } = Promise.withResolvers<never>();
  const onError = reject;
  const onClose = () => reject(new Error('the connection closed during the TLS handshake'));
  const timer = setTimeout(() => reject(new Error(`no TLS handshake within ${limitMs / 1000} s`)), limitMs);
  socket.once('error', onError).once('close', onClose);
  if (socket.destroyed) onClose();

  try {
    return await Promise.race([connector.connect(socket), failed]);
  } finally {
    clearTimeout(timer);
    socket.off('close', onClose);
    // Its listener stays on a socket that failed: a second error of it would end the program.
    if (!socket.destroyed) socket.off('error', onError);
  }
}
