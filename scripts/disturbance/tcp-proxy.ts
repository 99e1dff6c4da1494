// A TCP proxy on the loopback that cuts, holds and slows the connections through it, and counts their bytes. It sees ciphertext
// only: what passes is TLS.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { PassageGate } from './passage-gate.ts';

/** Bytes and connections since the proxy was opened. */
export interface ProxyCounters {
  readonly connections: number;
  /** Connections that were cut, by `cut` or `cutAfter`. */
  readonly cuts: number;
  /** From whoever connects to the target. */
  readonly bytesUp: number;
  readonly bytesDown: number;
}

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
}

/** Passes connections on to one port of the loopback. */
export class TcpProxy {
  readonly #server: Server;
  readonly #targetPort: number;
  readonly #pairs = new Set<Pair>();
  readonly #gate = new PassageGate();
  readonly #counts = { connections: 0, cuts: 0, bytesUp: 0, bytesDown: 0 };
  /** Bytes that may still pass before everything is cut; infinite unless somebody asked for it. */
  #bytesLeft = Infinity;

  private constructor(server: Server, targetPort: number) {
    this.#server = server;
    this.#targetPort = targetPort;
    server.on('connection', (near) => this.#accept(near));
  }

  /** Listens on a free port. */
  static async open(targetPort: number): Promise<TcpProxy> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    const proxy = new TcpProxy(server, targetPort);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get counters(): ProxyCounters {
    return { ...this.#counts };
  }

  /** Connections that are open. */
  get open(): number {
    return this.#pairs.size;
  }

  /** Resets every connection; returns how many there were. */
  cut(): number {
    const pairs = [...this.#pairs];
    this.#bytesLeft = Infinity;
    this.#counts.cuts += pairs.length;
    for (const pair of pairs) this.#drop(pair);
    return pairs.length;
  }

  /** Resets every connection once `bytes` more have passed, in both directions together. */
  cutAfter(bytes: number): void {
    this.#bytesLeft = bytes;
  }

  /** Nothing passes until `resume`; connections stay, also those that are made meanwhile. */
  pause(): void {
    this.#gate.close();
  }

  resume(): void {
    this.#gate.open();
  }

  /** At most so many bytes pass in a second, both directions and all connections together; undefined lifts the limit. */
  limit(bytesPerSecond: number | undefined): void {
    this.#gate.limit(bytesPerSecond);
  }

  /** Takes no more connections and resets those that are open; that is not counted as cuts. */
  async close(): Promise<void> {
    this.#server.close();
    for (const pair of [...this.#pairs]) this.#drop(pair);
    this.#gate.open();
    if (this.#server.listening) await once(this.#server, 'close');
  }

  #accept(near: Socket): void {
    const far = connect({ port: this.#targetPort, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    const pair = { near, far };
    this.#pairs.add(pair);
    this.#counts.connections++;
    for (const socket of [near, far]) {
      // A connection ends for both sides, whichever of them ends it: what is under way goes with it.
      socket.on('error', () => this.#drop(pair));
      socket.on('close', () => this.#drop(pair));
    }
    void this.#relay(pair, near, far);
    void this.#relay(pair, far, near);
  }

  /** Passes bytes on in one direction, until the sender is done. */
  async #relay(pair: Pair, from: Socket, to: Socket): Promise<void> {
    try {
      for await (const chunk of from as AsyncIterable<Buffer>) {
        for (const piece of this.#gate.pieces(chunk)) {
          await this.#gate.pass(piece.length);
          if (!this.#pairs.has(pair)) return;
          if (!this.#take(pair, from, piece.length)) return;
          if (!to.write(piece)) await once(to, 'drain');
        }
      }
      to.end();
    } catch {
      this.#drop(pair);
    }
  }

  /** Counts bytes about to pass; false if these are cut off. */
  #take({ near }: Pair, from: Socket, bytes: number): boolean {
    this.#bytesLeft -= bytes;
    if (this.#bytesLeft < 0) {
      this.cut();
      return false;
    }
    this.#counts[from === near ? 'bytesUp' : 'bytesDown'] += bytes;
    return true;
  }

  #drop(pair: Pair): void {
    if (!this.#pairs.delete(pair)) return;
    pair.near.resetAndDestroy();
    pair.far.resetAndDestroy();
  }
}
