// FederationService: what a site learns about its federation, and what it tells about itself.
import { refuseUnless } from '@blindsum/proto';
import type { FederationService, HeartbeatRequest } from '@blindsum/proto/rpc';
import type { MemberStore } from '../member-store.ts';
import type { Clock } from '../ports.ts';
import { VERSION } from '../version.ts';
import type { ServiceHandlers } from './service-handlers.ts';

export interface FederationShell {
  readonly federation: string;
  readonly logVerifierKey: string;
  readonly members: MemberStore;
  readonly clock: Clock;
}

const PROTOCOL = 'blindsum/v1';
const HEARTBEAT_INTERVAL_MS = 5000;
const BACKENDS = ['', 'gpu', 'node', 'wasm', 'cpu'];

export function createFederationService(shell: FederationShell): ServiceHandlers<typeof FederationService> {
  return {
    async getFederation() {
      const { federation, logVerifierKey, clock } = shell;
      const timeMs = BigInt(clock.nowMs());
      return { federation, protocol: PROTOCOL, logVerifierKey, version: VERSION, timeMs };
    },
    async heartbeat({ site }, request) {
      verifyHeartbeat(request);
      const { version, backend, activity, permille } = request;
      await shell.members.seen(site, { version, backend, activity, permille }, shell.clock.nowMs());
      return { intervalMs: HEARTBEAT_INTERVAL_MS };
    },
  };
}

/** It ends up on operators' screens and in metric labels: short, and of few characters. */
function verifyHeartbeat({ version, backend, activity, permille }: HeartbeatRequest): void {
  refuseUnless(/^[0-9A-Za-z.+-]{0,40}$/.test(version), 'MALFORMED', 'version');
  refuseUnless(BACKENDS.includes(backend), 'MALFORMED', `backend: expected one of ${BACKENDS.join(' ')}`);
  refuseUnless(/^[a-z-]{0,24}$/.test(activity), 'MALFORMED', 'activity: expected a short word');
  refuseUnless(permille <= 1000, 'MALFORMED', 'permille: expected 0 to 1000');
}
