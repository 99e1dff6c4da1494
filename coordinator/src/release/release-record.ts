// The record of a model that members have made public.
import { memberOf, memberPseudonym, type Digest, type SiteId } from '@blindsum/proto';
import type { LogRecord, Predicate } from '@blindsum/proto/tlog';
import type { JobDocument } from '../job-document.ts';
import type { RoundId } from '../ports.ts';
import type { Published } from '../round/round.ts';
import type { Vote } from './release.ts';

/** A published round, and its job's documents under the roster that it went by. */
export interface PublishedRound {
  readonly id: RoundId;
  readonly document: JobDocument;
  readonly round: Published;
}

export interface Agreement {
  readonly fileDigest: Digest;
  readonly votes: readonly Vote[];
}

/** The votes in roster order, whatever the order in which they came. */
export function createReleaseRecord(
  { id, document, round }: PublishedRound,
  { fileDigest, votes }: Agreement,
): Extract<LogRecord, { kind: 'release' }> {
  const { roster, manifestHash, rosterHash } = document;
  const inOrder = roster.members.flatMap(({ site }) => votes.filter((vote) => vote.site === site));
  const predicate: Predicate<'release'> = {
    ...{ job: id.job, round: id.round, manifestHash, rosterHash, modelHash: round.modelHash, fileDigest },
    threshold: round.rules.threshold,
    votes: inOrder.map(({ site, payload, signature }) => ({
      member: toPseudonym(document, site),
      payload,
      signature,
    })),
  };
  return { kind: 'release', predicate };
}

/** The votes of a record that is in the log, by the names of the roster. */
export function toAgreement(
  { document: { roster } }: Pick<PublishedRound, 'document'>,
  { fileDigest, votes }: Predicate<'release'>,
): Agreement {
  const sites = new Map(roster.members.map((member) => [memberPseudonym(member) as Digest, member.site]));
  return {
    fileDigest,
    votes: votes.flatMap(({ member, payload, signature }) => {
      const site = sites.get(member);
      return site === undefined ? [] : [{ site, fileDigest, payload, signature }];
    }),
  };
}

function toPseudonym({ roster }: JobDocument, site: SiteId): Digest {
  return memberPseudonym(memberOf(roster, site));
}
