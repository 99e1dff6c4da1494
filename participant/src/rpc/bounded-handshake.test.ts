import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { credentials } from '@grpc/grpc-js';
import { boundHandshakes } from './bounded-handshake.ts';

const LIMIT_MS = 300;

/** Begins a handshake, once `begin` resolves, with somebody who treats each connection so. */
async function shakeHands(
  treat: (socket: Socket) => void,
  begin: (socket: Socket) => Promise<unknown> = async () => undefined,
): Promise<unknown> {
  const accepted: Socket[] = [];
  const server = createServer((socket) => {
    accepted.push(socket.on('error', () => undefined));
    treat(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bounded = boundHandshakes(credentials.createSsl(), LIMIT_MS);
  const connector = bounded._createSecureConnector({ scheme: 'dns', path: 'localhost:1' }, {});
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  after(() => {
    for (const one of [socket, ...accepted]) one.destroy();
    server.close();
  });
  await once(socket, 'connect');
  await begin(socket);
  return connector.connect(socket);
}

test('a connection that is reset before the handshake is a failure, and not waited for', async () => {
  // Without the bound this never settles: the TLS layer is told of nothing.
  await assert.rejects(
    shakeHands((socket) => socket.resetAndDestroy()),
    /ECONNRESET|closed during/,
  );
});

test('a connection that is reset during the handshake is a failure', async () => {
  await assert.rejects(
    shakeHands((socket) => socket.once('data', () => socket.resetAndDestroy())),
    /ECONNRESET|closed during/,
  );
});

test('a handshake that nobody answers is given up', async () => {
  await assert.rejects(
    shakeHands((socket) => socket.resume()),
    /no TLS handshake within 0\.3 s/,
  );
});
