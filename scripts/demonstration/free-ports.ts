// Ports of the loopback that nobody listens on.
import { createServer, type AddressInfo, type Server } from 'node:net';
import { once } from 'node:events';

/** As many different free ports as asked for. Another program may take one before it is used; then start again. */
export async function findFreePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, listen));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

async function listen(): Promise<Server> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
