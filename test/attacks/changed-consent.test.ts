// A coordinator that goes on where a site has said no, or shows another job than the one that a site has said yes to.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { openSignedMessage, signManifest, withdrawalCodec, type RefusalCode } from '@blindsum/proto';
import { createEd25519Signer, verifyEd25519 } from '@blindsum/proto/node';
import { MemoryJournal } from '../../participant/src/journal/memory-journal.ts';
import { verifyPermitted } from '../../participant/src/policy/permission.ts';
import type { JobDocuments } from '../../participant/src/ports.ts';
import { reviewJob, signConsent } from '../../participant/src/review-job.ts';
import { createTestFederation, createTestManifest, documentsOf } from '../fixtures/federation.ts';
import { allowAll } from '../fixtures/policies.ts';
import { everyone, withFederation } from './attacked-federation.ts';

test('a coordinator that ignores a withdrawal gets nothing more from the site, and cannot count it in', async (t) => {
  await withFederation({ sites: 4 }, async (federation) => {
    const { coordinator } = federation;
    await federation.run('collecting');
    const earlier = coordinator.messages('commitment');
    assert.equal(earlier.length, 4);
    await federation.site(3).stop();
    federation.site(3).withdraw();
    // As if nothing had been said: another attempt that waits for all four.
    coordinator.announce({ ...coordinator.ref, attempt: 2 });
    await federation.run('collecting');

    await t.test('the withdrawal was told first of all, signed by the site', () => {
      const said = coordinator.withdrawals.map((message) =>
        openSignedMessage(withdrawalCodec, message, federation.roster, verifyEd25519),
      );
      assert.deepEqual(
        said.map(({ job, site, fromRound }) => [job, site, fromRound]),
        [[federation.manifest.job, federation.name(3), coordinator.ref.round + 1]],
      );
      assert.equal(coordinator.messages('commitment').length, 3, 'it committed again');
      assert.equal(federation.site(3).encryptor.payloads.length, 1, 'it encrypted again');
    });

    await t.test('what the site signed for the attempt before is refused in a set of this one', async () => {
      await federation.retell('collecting', { seal: (all) => [...all, earlier[3]!] });
      federation.assertRefusedBeforeOpening(everyone(4, 'WRONG_CONTEXT'));
    });

    await t.test('the set without it is opened, and it helps to end the round', async () => {
      await federation.retell('collecting', {});
      assert.equal(coordinator.phase, 'published');
      assert.equal(new Set(federation.modelHashes()).size, 1);
      assert.equal(coordinator.messages('commitment').length, 3);
      assert.equal(federation.site(3).encryptor.payloads.length, 1);
    });
  });
});

const { sites, roster } = createTestFederation();
const [own] = sites as [(typeof sites)[number]];
const manifest = createTestManifest(roster);
const agreed = documentsOf(manifest, roster);
const policy = allowAll({ approval: 'person' });
const review = (documents: JobDocuments) =>
  reviewJob(manifest.job, documents, { site: own.site, federation: roster.federation, policy }, own.member);

/** A site at which somebody has approved the job, and which has consented to it. */
function consented() {
  const journal = new MemoryJournal();
  const terms = review(agreed);
  const { manifestHash, rosterHash } = terms;
  const by = { decidedBy: 'dr-who', reason: '', atMs: 0 };
  journal.recordDecision(manifest.job, { verdict: 'approved', manifestHash, rosterHash, ...by });
  verifyPermitted(terms, policy, journal);
  const message = signConsent(terms, own.sign);
  journal.recordConsent(manifest.job, { manifestHash, rosterHash, message });
  return journal;
}

const refuses = (code: RefusalCode, act: () => unknown) => assert.throws(act, { name: 'Refusal', code });

test('a manifest that is changed after the consent, by its own author, is another job: nobody has approved it', () => {
  const journal = consented();
  const changed = documentsOf({ ...manifest, rounds: manifest.rounds + 1 }, roster);
  const terms = review(changed);
  refuses('APPROVAL_NEEDED', () => verifyPermitted(terms, policy, journal));
  const { manifestHash, rosterHash } = terms;
  const message = signConsent(terms, own.sign);
  refuses('CONFLICTING_SUBMISSION', () =>
    journal.recordConsent(manifest.job, { manifestHash, rosterHash, message }),
  );
  assert.notEqual(journal.consent(manifest.job)?.manifestHash, manifestHash);
});

test('a manifest that the coordinator changes, or signs with another key in the author’s name, is none', () => {
  const changed = documentsOf({ ...manifest, rounds: manifest.rounds + 1 }, roster);
  const { sign } = createEd25519Signer(randomBytes(32));
  refuses('BAD_SIGNATURE', () => review({ ...changed, authorSignature: agreed.authorSignature }));
  for (const documents of [agreed, changed]) {
    const authorSignature = signManifest(documents.manifest, sign);
    refuses('BAD_SIGNATURE', () => review({ ...documents, authorSignature }));
  }
});
