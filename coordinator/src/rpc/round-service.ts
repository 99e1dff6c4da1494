// RoundService: the round as a site sees it, and the signed messages it answers with. Every message is verified here, against
// the roster of its job; what it does to the round is decided by the transition.
import { messageLeaf, type Digest, type SignedMessage, type SiteId } from '@blindsum/proto';
import type { RoundRef, RoundService } from '@blindsum/proto/rpc';
import type { JobWatch } from '../job-watch.ts';
import type { RoundStore, StoredRound } from '../ports.ts';
import type { RoundDriver } from '../round-driver.ts';
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
}

const RULES = ACCESS_RULES.RoundService;

export function createRoundService(shell: RoundShell): ServiceHandlers<typeof RoundService> {
  return {
    watchRound: (caller, request) => watchRound(shell, caller, request),
    commit: (caller, { ref, commitment: message }) =>
      receive(shell, caller, COMMITMENT, { access: RULES.commit, ref, message }),
    acknowledge: (caller, { ref, acknowledgement: message }) =>
      receive(shell, caller, ACKNOWLEDGEMENT, { access: RULES.acknowledge, ref, message }),
    complain: (caller, { ref, complaint: message }) =>
      receive(shell, caller, COMPLAINT, { access: RULES.complain, ref, message }),
    submitChecksum: (caller, { ref, checksum: message }) =>
      receive(shell, caller, CHECKSUM, { access: RULES.submitChecksum, ref, message }),
    open: (caller, { ref, opening: message }) =>
      receive(shell, caller, OPENING, { access: RULES.open, ref, message }),
    attest: (caller, { ref, attestation: message }) =>
      receive(shell, caller, ATTESTATION, { access: RULES.attest, ref, message }),
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
): Promise<Record<string, never>> {
  const round = await shell.openRound(access, site, ref);
  const message = requireMessage(unverified, rule.type);
  const { context } = round.stored.round.rules;
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
  return {};
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
