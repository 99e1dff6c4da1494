// Keeps a site's chain of rosters up to date: verifies what the coordinator shows, accepts and signs what the site's own
// configuration allows, and says what a person must decide. The coordinator is believed nothing.
import {
  encodeRoster,
  isEqualBytes,
  parseChainedRoster,
  Refusal,
  refuseUnless,
  rosterApprovalCodec,
  signMessage,
  verifyRosterChain,
  verifySuccession,
  type ChainedRoster,
  type Digest,
  type Member,
  type RosterStep,
  type Sign,
  type SignedMessage,
} from '@blindsum/proto';
import { verifyEd25519 } from '@blindsum/proto/node';
import type { RosterJournal } from '../journal/journal.ts';
import type { RosterSource } from '../ports.ts';
import { KnownRosters, type KnownRoster } from './known-rosters.ts';
import {
  isOwnMember,
  objectionToAdopted,
  objectionToProposal,
  type Objection,
  type TrustRules,
} from './roster-rules.ts';

export interface KeeperParts {
  readonly rules: TrustRules;
  /** The roster entry of this site's keys. */
  readonly own: Member;
  readonly sign: Sign;
  readonly journal: RosterJournal;
  readonly source: RosterSource;
}

/** A roster that is proposed to follow the latest known one. */
export interface Proposal {
  readonly step: RosterStep;
  readonly approvals: readonly SignedMessage[];
  /** Whether this site has signed for it. */
  readonly isApproved: boolean;
  readonly objection: Objection;
}

/** An adopted roster under which this site does not take part yet. */
export interface Pending {
  readonly step: RosterStep;
  readonly objection: Objection;
}

/** How things stand after the coordinator was asked. */
export interface RosterNews {
  /** The latest roster that this site takes part under. */
  readonly accepted: KnownRoster | undefined;
  readonly pending: Pending | undefined;
  readonly proposal: Proposal | undefined;
}

export class RosterKeeper {
  readonly known: KnownRosters;
  readonly #parts: KeeperParts;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    this.known = new KnownRosters(parts.journal);
  }

  /**
   * Asks for news, and does what the configuration allows. Refuses as `verifyRosterChain` does what does not follow the chain
   * that this site knows, CONFLICTING_SUBMISSION or BAD_ROSTER another roster of a version, and as the port does.
   */
  async follow(): Promise<RosterNews> {
    const news = await this.look();
    if (news.proposal && news.proposal.objection === undefined) await this.#approve(news.proposal);
    return news;
  }

  /** The same, without signing for anything. */
  async look(): Promise<RosterNews> {
    const proposed = await this.#extend();
    this.#acceptAllowed();
    const all = this.known.all();
    return {
      accepted: all.findLast(({ isAccepted }) => isAccepted),
      pending: this.#pending(all),
      proposal: proposed && this.#toProposal(proposed),
    };
  }

  /** Signs for the proposal, which a person has compared. Refuses CONFLICTING_SUBMISSION after another one of its version. */
  async approve(proposal: Proposal): Promise<void> {
    const { next } = proposal.step;
    refuseUnless(
      isOwnMember(next, this.#parts.own),
      'NOT_A_MEMBER',
      `version ${next.roster.version} does not list this site with its keys`,
    );
    await this.#approve({ ...proposal, isApproved: false });
  }

  /** Takes part under an adopted version, which a person has compared. */
  accept({ step }: Pending): void {
    this.#record(step.next, true);
  }

  /** Tells the operator why not. */
  async refuse({ step }: Proposal, reason: string): Promise<void> {
    const { roster, hash } = step.next;
    await this.#parts.source.refuseRoster({ version: roster.version, hash }, reason);
  }

  /** Verifies and records the versions that are new; returns what is proposed after them. */
  async #extend(): Promise<Proposed | undefined> {
    const { source, rules } = this.#parts;
    for (;;) {
      const latest = this.known.all().at(-1);
      const { links, more, proposal } = await source.rosters((latest?.roster.version ?? 0) + 1);
      for (const chained of verifyRosterChain(latest, links, verifyEd25519)) {
        refuseUnless(
          chained.roster.federation === rules.federation,
          'BAD_ROSTER',
          `a roster of ${chained.roster.federation}, this site is of ${rules.federation}`,
        );
        this.#record(chained, false);
      }
      if (!more) return proposal && this.#toProposed(proposal);
      refuseUnless(links.length > 0, 'MALFORMED', 'rosters: more are said to be there than are shown');
    }
  }

  #toProposed({ roster, approvals }: { roster: Uint8Array; approvals: readonly SignedMessage[] }): Proposed {
    const step = { previous: this.known.all().at(-1), next: parseChainedRoster(roster) };
    verifySuccession(step);
    const { federation } = step.next.roster;
    refuseUnless(
      federation === this.#parts.rules.federation,
      'BAD_ROSTER',
      `a roster of ${federation} is proposed, this site is of ${this.#parts.rules.federation}`,
    );
    return { step, approvals };
  }

  #toProposal({ step, approvals }: Proposed): Proposal | undefined {
    const { journal, own, rules } = this.#parts;
    const { next, previous } = step;
    const isConcerned = [next, previous].some((chained) => chained && isOwnMember(chained, own));
    if (!isConcerned) return undefined;
    const held = journal.rosterApproval(next.roster.version);
    return {
      step,
      approvals,
      isApproved: held?.hash === next.hash,
      objection: this.#objectionTo(step, held?.hash) ?? objectionToProposal(step, rules, own),
    };
  }

  #objectionTo({ next }: RosterStep, approved: Digest | undefined): Objection {
    const { version } = next.roster;
    if (approved !== undefined && approved !== next.hash)
      return `this site has approved another roster as version ${version}, and approves one only`;
    return isOwnMember(next, this.#parts.own) ? undefined : 'this site would leave';
  }

  /** The version that this site signed for is its own choice; others by its configuration. */
  #acceptAllowed(): void {
    let followsAccepted = false;
    for (const known of this.known.all()) {
      const isChosen = this.#parts.journal.rosterApproval(known.roster.version)?.hash === known.hash;
      const isMember = isOwnMember(known, this.#parts.own);
      const mayAccept: boolean =
        isMember && (isChosen || this.#objectionToAdopted(known, followsAccepted) === undefined);
      if (!known.isAccepted && mayAccept) this.#record(known, true);
      followsAccepted = known.isAccepted || mayAccept;
    }
  }

  #pending(all: readonly KnownRoster[]): Pending | undefined {
    const next = all.at(-1);
    if (next === undefined || next.isAccepted || !isOwnMember(next, this.#parts.own)) return undefined;
    const previous = all.findLast(({ isAccepted }) => isAccepted);
    return { step: { previous, next }, objection: this.#objectionToAdopted(next, false) };
  }

  #objectionToAdopted(known: KnownRoster, followsAccepted: boolean): Objection {
    const { rules, own } = this.#parts;
    return objectionToAdopted(known, { followsAccepted }, rules, own);
  }

  /** Sends the approval that is in the journal, which is there before it is sent. */
  async #approve({ step, isApproved, approvals }: Proposal): Promise<void> {
    const { journal, own, sign, source } = this.#parts;
    const { roster, hash } = step.next;
    const { federation, version } = roster;
    const value = { federation, site: own.site, version, rosterHash: hash };
    const signed = signMessage(rosterApprovalCodec, value, sign, { members: [own] });
    const { message } = journal.recordRosterApproval(version, { hash, message: signed });
    const isThere = isApproved && approvals.some((approval) => isSigned(approval, message));
    if (isThere) return;
    try {
      await source.approveRoster(message);
    } catch (error) {
      // It was replaced or adopted meanwhile, which the next look shows.
      if (!(error instanceof Refusal) || error.code !== 'WRONG_PHASE') throw error;
    }
  }

  #record({ roster, hash }: ChainedRoster, isAccepted: boolean): void {
    this.#parts.journal.recordRoster({
      version: roster.version,
      hash,
      roster: encodeRoster(roster),
      isAccepted,
    });
  }
}

interface Proposed {
  readonly step: RosterStep;
  readonly approvals: readonly SignedMessage[];
}

function isSigned(a: SignedMessage, b: SignedMessage): boolean {
  return isEqualBytes(a.signature, b.signature);
}
