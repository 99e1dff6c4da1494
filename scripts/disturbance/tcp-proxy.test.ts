import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { TcpProxy } from './tcp-proxy.ts';

const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A server that sends back what it receives, a proxy before it, and a way to connect through the proxy. */
async function echo(): Promise<{ proxy: TcpProxy; dial: () => Promise<Socket> }> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    socket.pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy = await TcpProxy.open((server.address() as AddressInfo).port);
  const dial = async () => {
    const socket = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    closing.push(() => void socket.destroy());
    return socket;
  };
  closing.push(
    () => void server.close(),
    () => proxy.close(),
  );
  return { proxy, dial };
}

/** With an error or without. */
function whenClosed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

async function receive(socket: Socket, bytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let received = 0;
  while (received < bytes) {
    const chunk = socket.read() as Buffer | null;
    if (chunk === null) await once(socket, 'readable');
    else {
      chunks.push(chunk);
      received += chunk.length;
    }
  }
  return Buffer.concat(chunks);
}

test('bytes pass unchanged in both directions, are counted, and the end passes too', async () => {
  const { proxy, dial } = await echo();
  const socket = await dial();
  const sent = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7) % 251));
  socket.end(sent);
  const received = await receive(socket, sent.length);
  assert.ok(received.equals(sent));
  socket.resume();
  await once(socket, 'end');
  assert.deepEqual(proxy.counters, {
    connections: 1,
    cuts: 0,
    bytesUp: sent.length,
    bytesDown: sent.length,
  });
});

test('a cut resets every connection, and new ones pass', async () => {
  const { proxy, dial } = await echo();
  const sockets = [await dial(), await dial()];
  for (const socket of sockets) {
    socket.write('x');
    await receive(socket, 1);
  }
  const closed = sockets.map(whenClosed);
  assert.equal(proxy.cut(), 2);
  await Promise.all(closed);
  assert.equal(proxy.open, 0);
  const again = await dial();
  again.write('y');
  assert.equal((await receive(again, 1)).toString(), 'y');
  assert.equal(proxy.counters.cuts, 2);
});

test('a cut after n bytes lets no more than those pass', async () => {
  const { proxy, dial } = await echo();
  const socket = await dial();
  proxy.cutAfter(1000);
  socket.write(Buffer.alloc(400));
  await receive(socket, 400);
  const closed = whenClosed(socket);
  socket.write(Buffer.alloc(400));
  await closed;
  assert.equal(proxy.counters.cuts, 1);
  assert.ok(proxy.counters.bytesUp + proxy.counters.bytesDown <= 1000);
  const again = await dial();
  again.write(Buffer.alloc(5000));
  assert.equal((await receive(again, 5000)).length, 5000);
});

test('a pause holds bytes back and loses none', async () => {
  const { proxy, dial } = await echo();
  const socket = await dial();
  proxy.pause();
  socket.write('held back');
  await sleep(100);
  assert.equal(socket.read(), null);
  assert.equal(proxy.counters.bytesUp, 0);
  proxy.resume();
  assert.equal((await receive(socket, 9)).toString(), 'held back');
});

test('a limit slows bytes down, and is lifted', async () => {
  const { proxy, dial } = await echo();
  const socket = await dial();
  proxy.limit(20_000);
  const startMs = performance.now();
  socket.write(Buffer.alloc(5000));
  await receive(socket, 5000);
  const slowMs = performance.now() - startMs;
  // Up and back: 10000 bytes, of which the last up and the first back overlap with nothing.
  assert.ok(slowMs > 350, `${slowMs} ms`);
  proxy.limit(undefined);
  const againMs = performance.now();
  socket.write(Buffer.alloc(100_000));
  await receive(socket, 100_000);
  assert.ok(performance.now() - againMs < 1000);
});

test('where nobody listens, a connection is closed at once', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  const proxy = await TcpProxy.open(port);
  closing.push(() => proxy.close());
  const socket = connect(proxy.port, '127.0.0.1');
  socket.on('error', () => undefined);
  await whenClosed(socket);
});

test('when the target goes away, its connections do', async () => {
  const server = createServer((socket) => void socket.on('error', () => undefined)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy = await TcpProxy.open((server.address() as AddressInfo).port);
  closing.push(
    () => void server.close(),
    () => proxy.close(),
  );
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const socket = connect(proxy.port, '127.0.0.1');
  socket.on('error', () => undefined);
  const closed = whenClosed(socket);
  (await accepted)[0].resetAndDestroy();
  await closed;
  assert.equal(proxy.open, 0);
});
