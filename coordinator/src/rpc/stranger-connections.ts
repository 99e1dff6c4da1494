// Connections of those who have shown no certificate that TLS accepts, and handshakes that have not ended: bounded in number and
// time, so that strangers cannot take the sites' place.
import type { Http2SecureServer, ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { StrangerLimits } from './stranger-limits.ts';

/** Bounds the connections of `server` to come. */
export function limitStrangers(server: Http2SecureServer, limits: StrangerLimits): void {
  const connections = new Places(limits.connections, limits.connectionsPerAddress);
  limitHandshakes(server, new Places(limits.handshakes, limits.handshakesPerAddress));
  server.on('session', (session: ServerHttp2Session) => {
    if (isStranger(session)) holdConnection(session, connections, limits);
  });
}

/** True if TLS accepted no certificate of the peer. */
export function isStranger(session: ServerHttp2Session): boolean {
  const socket = session.socket as TLSSocket;
  // A resumed session counts as authorised without any certificate.
  return !socket.authorized || socket.getPeerCertificate().raw === undefined;
}

function limitHandshakes(server: Http2SecureServer, handshakes: Places): void {
  const pending = new Map<string, () => void>();
  const end = (peer: string): void => {
    pending.get(peer)?.();
    pending.delete(peer);
  };
  server.on('connection', (socket: Socket) => {
    const leave = handshakes.enter(socket.remoteAddress);
    if (!leave) return void socket.destroy();
    const peer = toPeer(socket);
    pending.set(peer, leave);
    socket.once('close', () => end(peer));
  });
  server.on('secureConnection', (socket: TLSSocket) => end(toPeer(socket)));
}

function toPeer({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

function holdConnection(
  session: ServerHttp2Session,
  connections: Places,
  { idleMs, lifetimeMs }: StrangerLimits,
): void {
  const leave = connections.enter(session.socket.remoteAddress);
  if (!leave) return session.destroy();
  session.setTimeout(idleMs, () => session.destroy());
  const timer = setTimeout(() => session.destroy(), lifetimeMs);
  timer.unref();
  session.once('close', () => {
    clearTimeout(timer);
    leave();
  });
}

/** Places to be in, of all and by address. */
class Places {
  readonly #most: number;
  readonly #mostPerAddress: number;
  readonly #taken = new Map<string, number>();
  #count = 0;

  constructor(most: number, mostPerAddress: number) {
    this.#most = most;
    this.#mostPerAddress = mostPerAddress;
  }

  /** Takes a place and returns how to leave it, any number of times; undefined if there is none. */
  enter(address = ''): (() => void) | undefined {
    const taken = this.#taken.get(address) ?? 0;
    if (this.#count >= this.#most || taken >= this.#mostPerAddress) return undefined;
    this.#add(address, 1);
    let isHeld = true;
    return () => {
      if (isHeld) this.#add(address, -1);
      isHeld = false;
    };
  }

  #add(address: string, change: 1 | -1): void {
    this.#count += change;
    const taken = (this.#taken.get(address) ?? 0) + change;
    if (taken === 0) this.#taken.delete(address);
    else this.#taken.set(address, taken);
  }
}
