// A site of the simulation: looks at the round, and says what it owes next. Level-triggered, and without memory: what it does
// not see acknowledged, it sends again. It keeps no journal either, so that only the coordinator keeps it from opening twice.
import { consentCodec, withdrawalCodec, type Digest, type SignedMessage, type SiteId } from '@blindsum/proto';
import type { JobDocument } from '../../coordinator/src/job-document.ts';
import type { JobView } from '../../coordinator/src/job-watch.ts';
import type { RoundId, StoredMessage } from '../../coordinator/src/ports.ts';
import type { Opening, Round, Sealed, Summed } from '../../coordinator/src/round/round.ts';
import { hashOf, type OneHotSums } from './one-hot-sums.ts';
import { sign, toMessage } from './signed-messages.ts';

/** What a site does otherwise than it should, in one round. */
export interface Misbehaviour {
  readonly site: SiteId;
  readonly round: number;
  readonly what:
    | 'never commits'
    | 'never acknowledges'
    | 'never checks'
    | 'never opens'
    | 'never attests'
    | 'deals bad shares'
    | 'checks wrongly'
    | 'attests another model';
  /** In the first attempt only, or in all. */
  readonly always: boolean;
}

/** What a site looks at. */
export interface Sight {
  readonly view: JobView;
  readonly document: JobDocument;
  readonly sums: OneHotSums;
  readonly misbehaviours: readonly Misbehaviour[];
}

export function consentOf(site: SiteId, { manifest, manifestHash, rosterHash }: JobDocument): SignedMessage {
  const { federation, job } = manifest;
  return sign(consentCodec, site, { federation, job, site, manifestHash, rosterHash });
}

export function withdrawalOf(
  site: SiteId,
  { manifest, manifestHash }: JobDocument,
  fromRound: number,
): SignedMessage {
  const { federation, job } = manifest;
  return sign(withdrawalCodec, site, { federation, job, site, manifestHash, fromRound });
}

/** The message `site` owes next, if any. */
export function owedMessage(site: SiteId, sight: Sight): StoredMessage | undefined {
  const { round: stored } = sight.view;
  if (!stored) return undefined;
  const self = new ModelSite(site, sight, stored.id);
  const { round } = stored;
  switch (round.phase) {
    case 'collecting':
      return round.contributions[site] ? undefined : self.commit(round);
    case 'sealed':
      return round.acknowledgements[site] ? undefined : self.acknowledge(round);
    case 'summed':
      return self.check(round);
    case 'opening':
      return round.openings[site] ? self.attest(round) : self.open(round);
    case 'published':
    case 'failed':
      return undefined;
  }
}

class ModelSite {
  readonly #site: SiteId;
  readonly #sight: Sight;
  readonly #id: RoundId;

  constructor(site: SiteId, sight: Sight, id: RoundId) {
    this.#site = site;
    this.#sight = sight;
    this.#id = id;
  }

  commit({ rules: { context } }: Round): StoredMessage | undefined {
    if (this.#does(this.#site, 'never commits')) return undefined;
    const ciphertextRoot = this.#sight.sums.upload(this.#id, this.#site);
    const chunks = this.#sight.document.chunks(this.#id.round);
    const shareRoot = hashOf(['shares', ciphertextRoot]);
    return toMessage('commitment', { context, site: this.#site, ciphertextRoot, chunks, shareRoot });
  }

  acknowledge({ rules: { context }, set }: Sealed): StoredMessage | undefined {
    if (this.#does(this.#site, 'never acknowledges')) return undefined;
    const named = { context, site: this.#site, setAttempt: set.setAttempt, setRoot: set.root };
    const dealers = set.members.filter((site) => site !== this.#site && this.#does(site, 'deals bad shares'));
    return dealers.length > 0
      ? toMessage('complaint', { ...named, dealers })
      : toMessage('acknowledgement', named);
  }

  check(round: Summed): StoredMessage | undefined {
    if (this.#does(this.#site, 'never checks')) return undefined;
    const isOwed = (site: SiteId) => !round.checksums[site];
    if (round.set.members.includes(this.#site) && isOwed(this.#site))
      return this.#checksum(round, this.#site);
    const gone = round.proxiesWanted.find(isOwed);
    return gone && this.#checksum(round, gone);
  }

  open(round: Opening): StoredMessage | undefined {
    if (this.#does(this.#site, 'never opens')) return undefined;
    const openingRoot = hashOf(['opening', this.#site, round.sum.root]);
    return toMessage('opening', { ...this.#roots(round), openingRoot });
  }

  attest(round: Opening): StoredMessage | undefined {
    const isDue = round.complete && !round.attestations[this.#site];
    if (!isDue || this.#does(this.#site, 'never attests')) return undefined;
    const vector = [...(this.#sight.sums.vectors.get(round.sum.root) ?? [])];
    const other = this.#does(this.#site, 'attests another model') ? 'other' : '';
    const modelHash = hashOf(['model', round.rules.baseModelHash, vector, other]);
    const examples = vector.reduce((all, count) => all + count, 0);
    return toMessage('attestation', { ...this.#roots(round), modelHash, metrics: { examples } });
  }

  #checksum(round: Summed, subject: SiteId): StoredMessage {
    const { setRoot, sumRoot } = this.#roots(round);
    const accused = this.#does(this.#site, 'checks wrongly') ? this.#otherThan(subject) : subject;
    const values = this.#sight.sums.checksumsOf(accused, setRoot, sumRoot);
    return toMessage('checksum', { ...this.#roots(round), subject, values });
  }

  #roots({ rules, set, sum }: Summed | Opening): {
    context: Digest;
    site: SiteId;
    setRoot: Digest;
    sumRoot: Digest;
  } {
    return { context: rules.context, site: this.#site, setRoot: set.root, sumRoot: sum.root };
  }

  #otherThan(site: SiteId): SiteId {
    const other = this.#sight.document.roster.members.find((member) => member.site !== site);
    return other?.site ?? site;
  }

  #does(site: SiteId, what: Misbehaviour['what']): boolean {
    return this.#sight.misbehaviours.some(
      (one) =>
        one.site === site &&
        one.what === what &&
        one.round === this.#id.round &&
        (one.always || this.#id.attempt === 1),
    );
  }
}
