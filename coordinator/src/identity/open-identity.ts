// The certificate that sites see, for every name under which they reach this machine.
import type { Logger } from 'pino';
import { hostOf } from '../config-http.ts';
import type { Config } from '../config.ts';
import type { Clock } from '../ports.ts';
import type { Authority } from './authority.ts';
import { ServerIdentity } from './server-identity.ts';

export interface IdentitySurroundings {
  readonly authority: Authority;
  readonly clock: Clock;
  readonly log: Logger;
}

export function openIdentity(
  { advertise, listen }: Pick<Config, 'advertise' | 'listen'>,
  { authority, clock, log }: IdentitySurroundings,
): Promise<ServerIdentity> {
  const hosts = new Set([hostOf(advertise ?? listen.grpc), '127.0.0.1', 'localhost']);
  return ServerIdentity.open({ authority, hosts: [...hosts], clock, log });
}
