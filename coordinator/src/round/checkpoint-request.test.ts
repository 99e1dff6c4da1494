import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RefusalCode, SiteId } from '@blindsum/proto';
import {
  ask,
  createCheckpointRequest,
  isUploadWanted,
  offerFor,
  sitesInNeed,
  withComplaint,
  withOffer,
  type AskingSituation,
  type CheckpointRequest,
} from './checkpoint-request.ts';
import type { Published } from './round.ts';
import { A, B, C, D, digestOf, E, PUBLISHED, SITES, STRANGER } from './sample-rounds.fixture.ts';

/** Round 4 of five sites: all but E attested. */
const FRESH = createCheckpointRequest({ round: 4, attempt: 1 }, PUBLISHED as Published);
const SITUATION: AskingSituation = { sites: SITES, nowMs: 0, isLast: false, bytes: 0, patienceMs: 100 };

const asked = (request: CheckpointRequest, situation: Partial<AskingSituation> = {}) =>
  ask(request, { ...SITUATION, ...situation });
const offerOf = (sealer: SiteId, n = 1) => {
  const message = { payload: 'e30=', signature: 'ab' };
  return { sealer, root: digestOf(SITES.indexOf(sealer)), digest: digestOf(n), ...message };
};
const complaintOf = (site: SiteId, sealer: SiteId, root = digestOf(SITES.indexOf(sealer))) => {
  return { site, sealer, root, payload: 'e30=', signature: 'cd' };
};
const refuses = (code: RefusalCode, act: () => unknown) => assert.throws(act, { code });

test('a site that attested is asked, another one each round', () => {
  const first = [3, 4, 5, 6, 7].map((round) => {
    const request = createCheckpointRequest({ round, attempt: 1 }, PUBLISHED as Published);
    return asked(request).asked?.site;
  });
  assert.deepEqual(first, [D, A, B, C, D]);
});

test('nobody is asked when all sites attested', () => {
  assert.equal(asked(FRESH, { sites: [A, B, C, D] }), FRESH);
});

test('a site that consented after the round needs its model, too', () => {
  assert.deepEqual(sitesInNeed(FRESH, [A, B, C, D, STRANGER]), [STRANGER]);
  assert.equal(asked(FRESH, { sites: [A, STRANGER] }).asked?.site, A);
});

test('asking again before the time is over changes nothing', () => {
  const once = asked(FRESH);
  assert.equal(asked(once, { nowMs: 99 }), once);
});

test('a site that does not upload is passed over, and asked again after the others', () => {
  const order: (SiteId | undefined)[] = [];
  let request = FRESH;
  for (let nowMs = 0; nowMs < 600; nowMs += 100) {
    request = asked(request, { nowMs });
    order.push(request.asked?.site);
  }
  assert.deepEqual(order, [A, B, C, D, A, B]);
});

test('progress of its upload gives the asked site more time, and standing still does not', () => {
  const more = asked(asked(FRESH), { nowMs: 100, bytes: 5 });
  assert.deepEqual(more.asked, { site: A, bytes: 5, untilMs: 200 });
  assert.equal(asked(more, { nowMs: 200, bytes: 5 }).asked?.site, B);
});

test('each site is asked once after the end of the job, and then nobody, for good', () => {
  let request = FRESH;
  const order: (SiteId | undefined)[] = [];
  for (let nowMs = 0; nowMs < 500; nowMs += 100) {
    request = asked(request, { nowMs, isLast: true });
    order.push(request.asked?.site);
  }
  assert.deepEqual(order, [A, B, C, D, undefined]);
  assert.equal(asked(request, { nowMs: 900, isLast: true }), request);
});

test('a checkpoint that is there is shown, and nobody is asked any more', () => {
  const request = asked(withOffer(asked(FRESH), offerOf(A)));
  assert.equal(request.asked, undefined);
  assert.equal(offerFor(request, E)?.sealer, A);
  assert.equal(isUploadWanted(request, B), false);
});

test('whoever attested may upload while one is asked, each once', () => {
  const request = asked(FRESH);
  assert.deepEqual(
    SITES.map((site) => isUploadWanted(request, site)),
    [true, true, true, true, false],
  );
  assert.equal(isUploadWanted(FRESH, A), false);
  refuses('WRONG_PHASE', () => withOffer(request, offerOf(E)));
  refuses('WRONG_PHASE', () => withOffer(FRESH, offerOf(A)));
  const offered = withOffer(request, offerOf(A));
  assert.equal(withOffer(offered, offerOf(A)), offered);
  refuses('CONFLICTING_SUBMISSION', () => withOffer(offered, offerOf(A, 2)));
  assert.equal(withOffer(offered, offerOf(B)).offers.length, 2);
});

test('after a complaint another site is asked, and whoever did not complain is still shown the first', () => {
  const sites = [...SITES, STRANGER];
  const offered = asked(withOffer(asked(FRESH, { sites }), offerOf(A)), { sites });
  const complained = asked(withComplaint(offered, complaintOf(E, A)), { sites });
  assert.equal(complained.asked?.site, B);
  assert.equal(offerFor(complained, E), undefined);
  assert.equal(offerFor(complained, STRANGER)?.sealer, A);
  const again = asked(withOffer(complained, offerOf(B)), { sites });
  assert.equal(again.asked, undefined);
  assert.equal(offerFor(again, E)?.sealer, B);
  assert.equal(offerFor(again, STRANGER)?.sealer, A);
});

test('a site that complains about everything costs each attester one upload, and takes nothing from the others', () => {
  const sites = [...SITES, STRANGER];
  let request = asked(FRESH, { sites });
  for (const sealer of [A, B, C, D]) {
    assert.equal(request.asked?.site, sealer);
    request = withOffer(request, offerOf(sealer));
    request = asked(withComplaint(request, complaintOf(STRANGER, sealer)), { sites });
  }
  assert.equal(request.asked, undefined);
  assert.equal(offerFor(request, E)?.sealer, A);
});

test('complaints are about what was offered, by sites that need it; the same again is a retry', () => {
  const offered = withOffer(asked(FRESH), offerOf(A));
  refuses('WRONG_CONTEXT', () => withComplaint(offered, complaintOf(E, B)));
  refuses('WRONG_CONTEXT', () => withComplaint(offered, complaintOf(E, A, digestOf(99))));
  refuses('WRONG_PHASE', () => withComplaint(offered, complaintOf(B, A)));
  const complained = withComplaint(offered, complaintOf(E, A));
  assert.equal(withComplaint(complained, complaintOf(E, A)), complained);
});
