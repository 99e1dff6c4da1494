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
import type { SimulatedWorld } from './simulated-world.ts';
import { verifyMessage } from './signed-messages.ts';

interface Attempt {
  readonly stored: StoredRound;
  readonly messages: readonly StoredMessage[];
}

/** Checks everything that holds at any instant. */
export async function checkInvariants(world: SimulatedWorld): Promise<void> {
  const attempts = await Promise.all(
    (await world.rounds.list(world.job)).map(async (stored) => ({
      stored,
      messages: await world.rounds.messages(stored.id),
    })),
  );
  checkOpenings(world, attempts);
  for (const attempt of attempts) {
    checkMessages(world, attempt);
    checkSets(attempt);
    if (attempt.stored.round.phase === 'published') checkPublished(world, attempt, attempt.stored.round);
  }
  checkChain(
    world,
    attempts.map(({ stored }) => stored),
  );
}

/** Checks what a site is shown: only what has been logged (invariant 10). */
export function checkView(world: SimulatedWorld, { round: stored }: JobView): void {
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
function checkOpenings(world: SimulatedWorld, attempts: readonly Attempt[]): void {
  const opened = new Map<number, Set<Digest>>();
  for (const { stored, messages } of attempts) {
    if (!messages.some(({ type }) => type === 'opening')) continue;
    const { round, id } = stored;
    const roots = opened.get(id.round) ?? new Set();
    for (const root of openedRoots(messages)) {
      roots.add(root);
      assert.ok(world.log.sealedIndex(root) >= 0, 'invariant 10: opened before the set was logged');
    }
    opened.set(id.round, roots);
    assert.ok(roots.size <= 1, `invariant 11: two sets of round ${id.round} were opened`);
    assert.ok(round.phase !== 'failed' || round.mayHaveOpened, 'invariant 11: an opening was forgotten');
  }
}

function openedRoots(messages: readonly StoredMessage[]): Digest[] {
  return messages
    .filter(({ type }) => type === 'opening')
    .map(({ message }) => openingCodec.parse(message.payload).setRoot);
}

/** 7: what was accepted is signed, and bound to the round. Messages are only ever added, so each is verified once. */
function checkMessages(world: SimulatedWorld, { stored, messages }: Attempt): void {
  const { context } = stored.round.rules;
  const verified = world.verified.get(context) ?? 0;
  for (const message of messages.slice(verified)) verifyMessage(message, context);
  world.verified.set(context, messages.length);
}

/** 2 and 4: every set is of distinct sites in roster order, large enough, and named by its commitments. */
function checkSets({ stored: { round }, messages }: Attempt): void {
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
function checkPublished(world: SimulatedWorld, { stored, messages }: Attempt, round: Published): void {
  const vector = world.sums.vectors.get(round.sum.root);
  assert.deepEqual(
    vector,
    world.sites.map((site) => Number(round.set.members.includes(site))),
    'invariants 4 and 5: the sum is not that of its set',
  );
  for (const member of round.set.members)
    assert.ok(messages.some((one) => one.type === 'checksum' && one.subject === member));
  const attestations = messages.filter(({ type }) => type === 'attestation');
  assert.ok(attestations.length >= round.rules.threshold);
  for (const { message } of attestations)
    assert.equal(attestationCodec.parse(message.payload).modelHash, round.modelHash, 'invariant 6');
  if (isVisible(stored)) checkRecord(world, stored, round);
}

/** 5: whoever is not in the set is named in the record. 10: which comes after that of the set. */
function checkRecord(world: SimulatedWorld, { id }: StoredRound, { set, modelHash }: Published): void {
  const index = world.log.records.findIndex(
    ({ kind, predicate }) => kind === 'round' && predicate.round === id.round,
  );
  const record = world.log.records[index];
  assert(record?.kind === 'round', 'invariant 10: a result was shown before it was logged');
  assert.ok(world.log.sealedIndex(set.root) < index);
  assert.equal(record.predicate.modelHash, modelHash);
  assert.equal(record.predicate.excluded.length, world.sites.length - set.members.length);
  assert.equal(record.predicate.commitments.length, set.members.length);
  assert.equal(record.predicate.checksums.length, set.members.length);
}

/** Each round starts from what the one before published, and its record names the record before. */
function checkChain(world: SimulatedWorld, rounds: readonly StoredRound[]): void {
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
export function checkPrivacy(world: SimulatedWorld): void {
  const predicates = JSON.stringify(
    world.log.records.map(({ kind, predicate }) => withoutPayloads(kind, predicate)),
  );
  for (const site of world.sites) assert.ok(!predicates.includes(site), `a record names ${site}`);
}

// The messages that a record quotes are as their senders signed them.
function withoutPayloads(kind: string, predicate: object): unknown {
  return JSON.parse(
    JSON.stringify({ kind, predicate }, (key, value: unknown) => (key === 'payload' ? '' : value)),
  );
}
