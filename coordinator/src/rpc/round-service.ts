// RoundService: the round as a site sees it, and the signed messages it answers with. Every message is verified here, against
// the roster of its job; what it does to the round is decided by the transition.
import {
  commitmentCodec,
  messageLeaf,
  type CommitPromise,
  type Digest,
  type SignedMessage,
  type SiteId,
} from '@blindsum/proto';
import type { RoundRef, RoundService } from '@blindsum/proto/rpc';
import type { JobWatch } from '../job-watch.ts';
import type { Clock, RoundStore, StoredRound } from '../ports.ts';
import type { RoundDriver } from '../round-driver.ts';
import type { RoundTraffic } from '../traffic/round-traffic.ts';
import {
  ACKNOWLEDGEMENT,
  ATTESTATION,
  CHECKSUM,
  COMMITMENT,
  COMPLAINT,
  OPENING,
  type MessageRule,
  type SignsFor,
} from './message-rules.ts';
import { createCheckpointHandlers, type CheckpointShell } from './checkpoint-service.ts';
import { ACCESS_RULES, type AccessRule } from './access-rules.ts';
import type { OpenRound } from './round-access.ts';
import { openRoundMessage, requireMessage } from './round-messages.ts';
import type { Caller, ServiceHandlers } from './service-handlers.ts';
import { watchRound } from './watch-round.ts';

export interface RoundShell extends CheckpointShell {
  readonly watch: Pick<JobWatch, 'waitForChange'>;
  readonly driver: Pick<RoundDriver, 'submit'>;
  readonly rounds: Pick<RoundStore, 'load' | 'messages'>;
  readonly traffic: Pick<RoundTraffic, 'received'>;
  /** With the key of the log. */
  readonly signPromise: (promise: CommitPromise) => SignedMessage;
  readonly clock: Clock;
}

const RULES = ACCESS_RULES.RoundService;

export function createRoundService(shell: RoundShell): ServiceHandlers<typeof RoundService> {
  return {
    watchRound: (caller, request) => watchRound(shell, caller, request),
    async commit(caller, { ref, commitment: message }) {
      const received = { access: RULES.commit, ref, message };
      const round = await receive(shell, caller, COMMITMENT, received);
      return { promise: promiseFor(shell, round, requireMessage(message, COMMITMENT.type)) };
    },
    acknowledge: (caller, { ref, acknowledgement: message }) =>
      answer(shell, caller, ACKNOWLEDGEMENT, { access: RULES.acknowledge, ref, message }),
    complain: (caller, { ref, complaint: message }) =>
      answer(shell, caller, COMPLAINT, { access: RULES.complain, ref, message }),
    submitChecksum: (caller, { ref, checksum: message }) =>
      answer(shell, caller, CHECKSUM, { access: RULES.submitChecksum, ref, message }),
    open: (caller, { ref, opening: message }) =>
      answer(shell, caller, OPENING, { access: RULES.open, ref, message }),
    attest: (caller, { ref, attestation: message }) =>
      answer(shell, caller, ATTESTATION, { access: RULES.attest, ref, message }),
    ...createCheckpointHandlers(shell),
  };
}

interface Received {
  readonly access: AccessRule;
  readonly ref: RoundRef | undefined;
  readonly message: SignedMessage | undefined;
}

async function receive<T extends { readonly site: SiteId; readonly context: Digest }>(
  shell: RoundShell,
  { site }: Caller,
  rule: MessageRule<T>,
  { access, ref, message: unverified }: Received,
): Promise<OpenRound> {
  const round = await shell.openRound(access, site, ref);
  const message = requireMessage(unverified, rule.type);
  const { phase, rules } = round.stored.round;
  const { context } = rules;
  shell.traffic.received(round.id, phase, message.payload.length + message.signature.length);
  const value = openRoundMessage(rule.codec, message, {
    roster: round.document.roster,
    caller: site,
    context,
  });
  const subject = rule.subjectOf?.(value) ?? site;
  const event = rule.toEvent(value, messageLeaf(message));
  const submit = (): Promise<StoredRound> =>
    shell.driver.submit(round.id, event, { type: rule.type, site, subject, message });
  await (rule.signsFor ? afterUploads(shell, { value, round, submit }, rule.signsFor) : submit());
  return round;
}

async function answer<T extends { readonly site: SiteId; readonly context: Digest }>(
  ...received: Parameters<typeof receive<T>>
): Promise<Record<string, never>> {
  await receive(...received);
  return {};
}

/** Of a commitment that the round has, durably. */
function promiseFor(
  { signPromise, clock }: RoundShell,
  { id, document }: OpenRound,
  message: SignedMessage,
): SignedMessage {
  const { federation } = document.manifest;
  const { site } = commitmentCodec.read(message.payload);
  return signPromise({ federation, ...id, site, commitment: messageLeaf(message), atMs: clock.nowMs() });
}

interface Verified<T> {
  readonly value: T;
  readonly round: OpenRound;
  readonly submit: () => Promise<StoredRound>;
}

function afterUploads<T extends { readonly site: SiteId }>(
  { guard, rounds }: RoundShell,
  { value, round, submit }: Verified<T>,
  signsFor: SignsFor<T>,
): Promise<StoredRound> {
  const isAwaited = async (): Promise<boolean> => {
    const now = await rounds.load(round.id);
    return now !== undefined && signsFor.isAwaited(now.round, value.site);
  };
  return guard.submit({ uploads: signsFor.uploads(value, round), isAwaited, submit });
}
