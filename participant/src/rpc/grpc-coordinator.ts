// The Coordinator port over gRPC.
import { parseJobId, Refusal, refuseUnless } from '@blindsum/proto';
import { FederationService, JobService, RoundService } from '@blindsum/proto/rpc';
import type { Coordinator, RoundMessageType } from '../ports.ts';
import type { ControlChannel } from './channels.ts';
import { parseJobSnapshot, parseJobState } from './parse-job-snapshot.ts';
import { createUnaryCaller } from './unary-call.ts';

const MAX_JOBS = 10_000;
const MAX_HEARTBEAT_INTERVAL_MS = 60_000;
const MIN_HEARTBEAT_INTERVAL_MS = 1_000;

/** Speaks to the coordinator at the other end of `client`; the signal ends what is under way. */
export function createGrpcCoordinator(client: ControlChannel, signal?: AbortSignal): Coordinator {
  const jobs = createUnaryCaller(client, JobService, signal);
  const federation = createUnaryCaller(client, FederationService, signal);
  const rounds = createUnaryCaller(client, RoundService, signal);
  const senders = createSenders(client, signal);
  return {
    async listJobs() {
      const { jobs: listed } = await jobs('listJobs', {});
      refuseUnless(listed.length <= MAX_JOBS, 'MALFORMED', `more than ${MAX_JOBS} jobs`);
      return listed.map(({ job, state }) => ({ job: parseJobId(job), state: parseJobState(state) }));
    },
    async job(job) {
      const { manifest, roster, authorSignature } = await jobs('getJob', { job });
      return { manifest, roster, authorSignature };
    },
    async watch(job, knownVersion, waitMs, stop) {
      const request = { job, knownVersion, waitMs };
      return parseJobSnapshot(await rounds('watchRound', request, { extraMs: waitMs, signal: stop }));
    },
    async sendConsent(job, consent) {
      await jobs('consent', { job, consent });
    },
    async sendWithdrawal(job, withdrawal) {
      await jobs('withdraw', { job, withdrawal });
    },
    send: (type, ref, message) => senders[type](ref, message),
    async commit(ref, commitment) {
      const { promise } = await rounds('commit', { ref, commitment });
      if (!promise) throw new Refusal('MALFORMED', 'commit: the coordinator promises nothing');
      const { payload, signature } = promise;
      return { payload, signature };
    },
    async heartbeat(status) {
      const { intervalMs } = await federation('heartbeat', status);
      return {
        intervalMs: Math.min(MAX_HEARTBEAT_INTERVAL_MS, Math.max(MIN_HEARTBEAT_INTERVAL_MS, intervalMs)),
      };
    },
  };
}

type Send = (
  ...message: Parameters<Coordinator['send']> extends [unknown, ...infer M] ? M : never
) => Promise<void>;

function createSenders(
  client: ControlChannel,
  signal: AbortSignal | undefined,
): Record<Exclude<RoundMessageType, 'commitment'>, Send> {
  const call = createUnaryCaller(client, RoundService, signal);
  return {
    acknowledgement: async (ref, acknowledgement) =>
      void (await call('acknowledge', { ref, acknowledgement })),
    complaint: async (ref, complaint) => void (await call('complain', { ref, complaint })),
    checksum: async (ref, checksum) => void (await call('submitChecksum', { ref, checksum })),
    opening: async (ref, opening) => void (await call('open', { ref, opening })),
    attestation: async (ref, attestation) => void (await call('attest', { ref, attestation })),
    checkpoint: async (ref, checkpoint) => void (await call('offerCheckpoint', { ref, checkpoint })),
    'checkpoint-complaint': async (ref, complaint) =>
      void (await call('complainAboutCheckpoint', { ref, complaint })),
  };
}
