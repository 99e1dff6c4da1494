// The invariants of PROTOCOL.md section 5 that the coordinator holds, checked on what is stored, logged and shown.
import assert from 'node:assert/strict';
import {
  attestationCodec,
  messageLeaf,
  openingCodec,
  setRootOfLeaves,
  type Digest,
  type SiteId,
} from '@blindsum/proto';
import { isVisible, type JobView } from '../../coordinator/src/job-watch.ts';
import type { StoredMessage, StoredRound } from '../../coordinator/src/ports.ts';
import type { Published } from '../../coordinator/src/round/round.ts';
import { checkMembers } from './member-invariants.ts';
import type { Attempt, Watched } from './watched.ts';

/** Checks everything that holds at any instant. */
export async function checkInvariants(world: Watched): Promise<void> {
  const rounds = await world.rounds.list(world.job);
  for (const stored of rounds) {
    const { context } = stored.round.rules;
    const before = world.seen.get(context);
    if (before?.stored.version === stored.version) continue;
    if (before === undefined) await checkMembers(world, stored, rounds);
    const messages = await world.rounds.messages(stored.id);
    const attempt = { stored, messages, opened: openedRoots(messages) };
    world.seen.set(context, attempt);
    // Messages are only ever added, so each is verified once.
    for (const message of messages.slice(before?.messages.length ?? 0)) world.verify(message, context);
    checkSets(attempt);
    if (stored.round.phase === 'published') await checkPublished(world, attempt, stored.round);
  }
  checkOpenings(world);
  checkChain(world, rounds);
}

/** Checks what a site is shown: only what has been logged (invariant 10). */
export function checkView(world: Watched, { round: stored }: JobView): void {
  if (!stored) return;
  assert.ok(isVisible(stored));
  const { id, round } = stored;
  if ('set' in round)
    assert.ok(
      world.log.sealedIndex(round.set.root) >= 0,
      'invariant 10: a set was shown before it was logged',
    );
  const kind = round.phase === 'published' ? 'round' : round.phase === 'failed' ? 'incident' : undefined;
  if (!kind) return;
  const isLogged = world.log.records.some(
    (record) =>
      record.kind === kind && record.predicate.round === id.round && record.predicate.attempt === id.attempt,
  );
  assert.ok(isLogged, `invariant 10: ${round.phase} was shown before it was logged`);
}

/** 3 and 11: openings are taken for one set of a round only, over all attempts. 10: and only after that set was logged. */
function checkOpenings(world: Watched): void {
  const all = new Map<number, Set<Digest>>();
  for (const { stored, opened } of world.seen.values()) {
    const { round, id } = stored;
    const roots = all.get(id.round) ?? new Set();
    all.set(id.round, roots);
    for (const root of opened) {
      roots.add(root);
      assert.ok(world.log.sealedIndex(root) >= 0, 'invariant 10: opened before the set was logged');
    }
    assert.ok(roots.size <= 1, `invariant 11: two sets of round ${id.round} were opened`);
    const isForgotten = opened.length > 0 && round.phase === 'failed' && !round.mayHaveOpened;
    assert.ok(!isForgotten, 'invariant 11: an opening was forgotten');
  }
}

function openedRoots(messages: readonly StoredMessage[]): Digest[] {
  return messages
    .filter(({ type }) => type === 'opening')
    .map(({ message }) => openingCodec.read(message.payload).setRoot);
}

/** 2 and 4: every set is of distinct sites in roster order, large enough, and named by its commitments. */
function checkSets({ stored: { round }, messages }: Omit<Attempt, 'opened'>): void {
  if (!('set' in round)) return;
  const { members, root, excluded } = round.set;
  const { sites, minimum } = round.rules;
  assert.deepEqual(
    members,
    sites.filter((site) => members.includes(site)),
  );
  assert.ok(members.length >= minimum, 'invariant 2: a set is smaller than the minimum');
  assert.deepEqual([...members, ...excluded.map(({ site }) => site)].sort(), [...sites].sort());
  const leaves = members.map((site) => messageLeaf(commitmentOf(messages, site)));
  assert.equal(setRootOfLeaves(leaves), root);
}

function commitmentOf(messages: readonly StoredMessage[], site: SiteId) {
  const found = messages.filter((one) => one.type === 'commitment' && one.site === site);
  assert.equal(found.length, 1, 'invariant 4: not exactly one commitment of a contributor');
  return (found[0] as StoredMessage).message;
}

/** 4, 5 and 6: each member counts exactly once, nobody else does, and everyone attests that one model. */
async function checkPublished(
  world: Watched,
  { stored, messages }: Attempt,
  round: Published,
): Promise<void> {
  const summands = await world.summands(stored, round);
  assert.deepEqual(
    summands?.toSorted(),
    round.set.members.toSorted(),
    'invariants 4 and 5: the sum is not that of its set',
  );
  for (const member of round.set.members)
    assert.ok(messages.some((one) => one.type === 'checksum' && one.subject === member));
  const attestations = messages.filter(({ type }) => type === 'attestation');
  assert.ok(attestations.length >= round.rules.threshold);
  for (const { message } of attestations)
    assert.equal(attestationCodec.read(message.payload).modelHash, round.modelHash, 'invariant 6');
  if (!isVisible(stored)) return;
  const { roster } = await world.documentUnder(round.rules.rosterHash);
  checkRecord(world, stored, { round, members: roster.members.length });
}

/** 5: whoever is not in the set is named in the record. 10: which comes after that of the set. */
function checkRecord(
  world: Watched,
  { id }: StoredRound,
  { round: { set, modelHash }, members }: { readonly round: Published; readonly members: number },
): void {
  const index = world.log.records.findIndex(
    ({ kind, predicate }) => kind === 'round' && predicate.round === id.round,
  );
  const record = world.log.records[index];
  assert(record?.kind === 'round', 'invariant 10: a result was shown before it was logged');
  assert.ok(world.log.sealedIndex(set.root) < index);
  assert.equal(record.predicate.modelHash, modelHash);
  assert.equal(record.predicate.excluded.length, members - set.members.length);
  for (const { reason } of record.predicate.excluded)
    assert.ok(reason, 'invariant 5: left out without a reason');
  assert.equal(record.predicate.commitments.length, set.members.length);
  assert.equal(record.predicate.checksums.length, set.members.length);
}

/** Each round starts from what the one before published, and its record names the record before. */
function checkChain(world: Watched, rounds: readonly StoredRound[]): void {
  const published = rounds.filter(({ round }) => round.phase === 'published');
  for (const { id, round } of rounds) {
    const before = published.find((other) => other.id.round === id.round - 1)?.round;
    if (id.round > 0)
      assert.equal(round.rules.baseModelHash, before?.phase === 'published' ? before.modelHash : 'none');
  }
  assert.equal(
    new Set(published.map(({ id }) => id.round)).size,
    published.length,
    'a round was published twice',
  );
  let previous = '';
  world.log.records.forEach((record, index) => {
    if (record.kind !== 'round') return;
    assert.equal(record.predicate.previousRecord, previous);
    previous = world.log.digestAt(index);
  });
}

/** No record holds the name of a site. */
export function checkPrivacy(world: Watched): void {
  const predicates = JSON.stringify(
    world.log.records.map(({ kind, predicate }) => withoutPayloads(kind, predicate)),
  );
  for (const site of world.everyone) assert.ok(!predicates.includes(site), `a record names ${site}`);
}

// The messages that a record quotes are as their senders signed them.
function withoutPayloads(kind: string, predicate: object): unknown {
  return JSON.parse(
    JSON.stringify({ kind, predicate }, (key, value: unknown) => (key === 'payload' ? '' : value)),
  );
}
