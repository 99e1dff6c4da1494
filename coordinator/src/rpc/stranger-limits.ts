// What somebody gets who has shown no certificate that TLS accepts: a stranger. The port is open to strangers for the methods
// that `access-rules.ts` gives to anyone; nothing a stranger does may cost the sites their connections, memory or time.

export interface StrangerLimits {
  /** Longest TLS handshake, in milliseconds; Node's own default is two minutes. */
  readonly handshakeMs: number;
  /** Handshakes under way, of everybody and from one address. */
  readonly handshakes: number;
  readonly handshakesPerAddress: number;
  /** Connections of strangers, of all and from one address. */
  readonly connections: number;
  readonly connectionsPerAddress: number;
  /** A stranger's connection is closed after this long without a byte, and after this long in any case; milliseconds. */
  readonly idleMs: number;
  readonly lifetimeMs: number;
  /** Calls of strangers that are answered in any second, of all and from one address. */
  readonly callsPerSecond: number;
  readonly callsPerSecondPerAddress: number;
}

/** Generous for a site that enrols, also for several behind one address; nothing for a flood. */
export const STRANGER_LIMITS: StrangerLimits = {
  handshakeMs: 10_000,
  handshakes: 256,
  handshakesPerAddress: 64,
  connections: 64,
  connectionsPerAddress: 16,
  idleMs: 10_000,
  lifetimeMs: 60_000,
  callsPerSecond: 100,
  callsPerSecondPerAddress: 10,
};
