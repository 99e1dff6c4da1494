// The chain of rosters from a proposal to its adoption (PROTOCOL.md section 3). Whether a version is adopted follows from the
// approvals that are stored with it, in the same write; nobody is shown one that is not in the log.
import {
  memberPseudonym,
  openRosterApproval,
  parseRoster,
  Refusal,
  refuseUnless,
  rosterApprovalCodec,
  type Digest,
  type Member,
  type Pseudonym,
  type SignedMessage,
  type SiteId,
} from '@blindsum/proto';
import { verifyEd25519 } from '@blindsum/proto/node';
import { createRosterRecord } from './records.ts';
import { createProposal, openedApprovals, toStep, withApproval, withRefusal } from './roster-proposal.ts';
import { latestRoster, type RosterChain } from './roster-reader.ts';
import type { RosterEntry, StoredRoster } from './roster-store.ts';
import { appendRecord, type World } from './world.ts';

/** Writes that other processes may win before we give up. */
const MAX_CONFLICTS = 100;

type RosterWorld = Pick<World, 'rosters' | 'rosterReader' | 'log' | 'archiveNames'>;

/** Which version a site answers to. */
export interface RosterAnswer {
  readonly version: number;
  readonly hash: Digest;
}

export class RosterDriver {
  readonly #world: RosterWorld;
  /** Versions that this process has seen in the log. */
  #logged = 0;

  constructor(world: RosterWorld) {
    this.#world = world;
  }

  /** The chain, whose adopted versions are in the log, each with its approvals. */
  async chain(): Promise<RosterChain> {
    const chain = await this.#world.rosterReader.read();
    if (this.#logged < chain.adopted.length)
      await this.#world.archiveNames.write(chain.adopted.flatMap(({ roster }) => roster.members));
    for (; this.#logged < chain.adopted.length; this.#logged++) {
      const [previous, next] = [chain.adopted[this.#logged - 1], chain.adopted[this.#logged]!];
      await appendRecord(this.#world, createRosterRecord(next, previous));
    }
    return chain;
  }

  /**
   * Proposes `members` as the next version; undefined if they are those of the latest. The same again is a retry. Refuses
   * CONFLICTING_SUBMISSION while another proposal is open that a site has approved, unless it is to be replaced: a site
   * approves one roster of a version only.
   */
  async propose(
    federation: string,
    members: readonly Member[],
    { replaces }: { readonly replaces: boolean },
  ): Promise<StoredRoster | undefined> {
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts++) {
      const chain = await this.chain();
      const latest = latestRoster(chain);
      if (latest && isSameMembers(latest.roster.members, members)) return undefined;
      const proposal = createProposal(federation, latest, members);
      const { proposed } = chain;
      if (proposed?.hash === proposal.hash) return proposed;
      refuseUnless(
        proposed === undefined || proposed.approvals.length === 0 || replaces,
        'CONFLICTING_SUBMISSION',
        `another version ${proposed?.version} is proposed and has approvals; sites that gave them will approve no other roster of that version`,
      );
      const version = (latest?.roster.version ?? 0) + 1;
      const stored = await this.#world.rosters.replace(version, proposed, proposal);
      if (stored) return stored;
    }
    throw lostRace();
  }

  /**
   * Keeps a site's approval of the proposal; the version is adopted with the last one. An approval of an adopted version
   * changes nothing. Refuses as `openRosterApproval` does, UNAUTHENTICATED for the approval of another site, and WRONG_PHASE
   * for a roster that is not proposed.
   */
  async approve(from: SiteId, signed: SignedMessage): Promise<RosterChain> {
    const { site: sender, version, rosterHash } = rosterApprovalCodec.read(signed.payload);
    verifySender(await this.chain(), from, sender);
    return this.#answer({ version, hash: rosterHash }, (entry, chain) => {
      const step = toStep(latestRoster(chain), entry);
      const { site } = openRosterApproval(signed, step, verifyEd25519);
      return withApproval(entry, signed, { step, site, verify: verifyEd25519 });
    });
  }

  /** Keeps a site's reason against the proposal, for operators. Refuses NOT_A_MEMBER, and WRONG_PHASE as `approve` does. */
  refuse(site: SiteId, answer: RosterAnswer, reason: string): Promise<RosterChain> {
    return this.#answer(answer, (entry, chain) => {
      const step = toStep(latestRoster(chain), entry);
      const members = [step.previous, step.next].flatMap((chained) => chained?.roster.members ?? []);
      const isMember = members.some((member) => member.site === site);
      refuseUnless(isMember, 'NOT_A_MEMBER', `${site} is in neither roster`);
      return withRefusal(entry, { site, reason }, openedApprovals(entry, step, verifyEd25519));
    });
  }

  async #answer(
    { version, hash }: RosterAnswer,
    change: (entry: StoredRoster, chain: RosterChain) => RosterEntry,
  ): Promise<RosterChain> {
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts++) {
      const chain = await this.chain();
      const { proposed } = chain;
      if (chain.adopted[version - 1]?.hash === hash) return chain;
      if (proposed?.version !== version || proposed.hash !== hash)
        throw new Refusal('WRONG_PHASE', `that roster is not the one proposed as version ${version}`);
      const after = change(proposed, chain);
      if (after === proposed) return chain;
      if (await this.#world.rosters.replace(version, proposed, after)) return this.chain();
    }
    throw lostRace();
  }
}

/** Refuses UNAUTHENTICATED unless `sender` is a key that `from` has, or had, in a roster or the proposal. */
function verifySender({ adopted, proposed }: RosterChain, from: SiteId, sender: Pseudonym): void {
  const rosters = [
    ...adopted.map(({ roster }) => roster),
    ...(proposed ? [parseRoster(proposed.roster)] : []),
  ];
  const isOwn = rosters.some(({ members }) =>
    members.some((member) => member.site === from && memberPseudonym(member) === sender),
  );
  refuseUnless(isOwn, 'UNAUTHENTICATED', `roster-approval: ${from} sends a message of another member`);
}

function isSameMembers(a: readonly Member[], b: readonly Member[]): boolean {
  const toNames = (members: readonly Member[]) =>
    members.map(({ site, signingKey, sharingKey }) => `${site} ${signingKey} ${sharingKey}`);
  return toNames(a).join() === toNames(b).join();
}

function lostRace(): Error {
  return new Error(`roster: ${MAX_CONFLICTS} writes were lost to other processes`);
}
