// A TCP proxy on the loopback that forgets connections which were silent for a while, as balancers and firewalls do: what is sent
// on one after that is lost, and nobody is told.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface IdleCutter {
  readonly port: number;
  /** Connections that were accepted, and those that were forgotten. */
  readonly counts: { readonly accepted: number; readonly forgotten: number };
  close(): void;
}

/** Listens on a free port, and passes connections on to `targetPort`. */
export async function openIdleCutter(targetPort: number, idleMs: number): Promise<IdleCutter> {
  const counts = { accepted: 0, forgotten: 0 };
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (near) => {
    counts.accepted++;
    const far = connect({ port: targetPort, host: '127.0.0.1', noDelay: true });
    let isForgotten = false;
    const forget = (): void => {
      counts.forgotten++;
      isForgotten = true;
    };
    const timer = setTimeout(forget, idleMs);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('error', () => {});
      from.on('close', () => to.destroy());
      from.on('data', (bytes) => {
        if (isForgotten) return;
        timer.refresh();
        to.write(bytes);
      });
    }
    near.on('close', () => clearTimeout(timer));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    counts,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
