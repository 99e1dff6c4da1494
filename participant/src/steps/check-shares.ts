// Fetches the shares addressed to this site and opens them; the sum is kept in memory until the set is opened.
import { Refusal, type SiteId } from '@blindsum/proto';
import type { DealtShare } from '../encryption/key-shares.ts';
import type { SealedRecord } from '../ports.ts';
import { indexOf, ownIndex, type OpenedShareSum, type Session } from '../session-context.ts';
import type { KnownRound } from '../session/site-terms.ts';
import type { VerifiedSet } from '../session/verified-set.ts';

/**
 * The opened shares of this set. Refuses TOO_FEW_SHARES when the coordinator withholds one, and BAD_PROOF for a record that
 * its dealer did not sign for: neither is the dealer's fault.
 */
export async function checkShares(
  session: Session,
  round: KnownRound,
  set: VerifiedSet,
): Promise<OpenedShareSum> {
  const { memory, terms, transfers, encryptor, keys } = session;
  if (memory.shares?.setRoot === set.root) return memory.shares;
  const records = await transfers.records(round.ref, 'shares', terms.roster.members.length);
  const bySite = new Map(records.map((record) => [record.site, record]));
  const { badDealers, sum } = await encryptor.openShares({
    context: round.context,
    ownIndex: ownIndex(terms),
    sites: terms.roster.members.length,
    secretKey: keys.sharingSecret,
    shares: set.commitments.map(({ site, ciphertextRoot, shareRoot }) => ({
      ...toReceived(session, site, bySite.get(site)),
      bundleRoot: shareRoot,
      ciphertextRoot,
    })),
  });
  const named = set.members.filter((member) => badDealers.includes(indexOf(terms, member)));
  memory.shares = { setRoot: set.root, badDealers: named, sum };
  return memory.shares;
}

function toReceived(
  { terms }: Session,
  dealer: SiteId,
  record: SealedRecord | undefined,
): Pick<DealtShare, 'from' | 'sealed' | 'proof'> {
  if (record === undefined)
    throw new Refusal('TOO_FEW_SHARES', `the coordinator does not deliver the share of ${dealer}`);
  return { from: indexOf(terms, dealer), sealed: record.sealed, proof: record.proof };
}
