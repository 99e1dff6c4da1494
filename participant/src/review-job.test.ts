import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import {
  consentCodec,
  openSignedMessage,
  signManifest,
  type JobId,
  type Manifest,
  type RefusalCode,
  type Roster,
} from '@blindsum/proto';
import { createEd25519Signer, verifyEd25519 } from '@blindsum/proto/node';
import {
  createTestFederation,
  createTestManifest,
  createTestSite,
  documentsOf,
  type TestSite,
} from '../../test/fixtures/federation.ts';
import type { JobDocuments } from './ports.ts';
import { reviewJob, signConsent, type ReviewRules } from './review-job.ts';

const { sites, roster } = createTestFederation();
const [a] = sites as [TestSite, TestSite, TestSite];
const manifest = createTestManifest(roster);

const RULES: ReviewRules = {
  site: a.site,
  federation: roster.federation,
  policy: { minContributors: 3, allowTwoSites: false },
};

interface Shown {
  readonly manifest?: Manifest;
  readonly roster?: Roster;
  readonly documents?: Partial<JobDocuments>;
  readonly rules?: Partial<ReviewRules>;
  readonly job?: string;
}

function review(shown: Shown = {}) {
  const documents = {
    ...documentsOf(shown.manifest ?? manifest, shown.roster ?? roster),
    ...shown.documents,
  };
  return reviewJob((shown.job ?? 'test-job') as JobId, documents, { ...RULES, ...shown.rules }, a.member);
}

function refused(code: RefusalCode, detail: RegExp, shown: Shown): void {
  assert.throws(() => review(shown), { name: 'Refusal', code, detail });
}

test('a job that the site knows all about is consented to, by hash', () => {
  const terms = review();
  const consent = openSignedMessage(consentCodec, signConsent(terms, a.sign), terms.roster, verifyEd25519);
  assert.equal(consent.manifestHash, terms.manifestHash);
  assert.equal(consent.rosterHash, terms.rosterHash);
});

test('a roster without this site, or with other keys in its place', () => {
  const stranger = createTestSite('hospital-z').member;
  const swap = (member: typeof stranger) => ({
    roster: { ...roster, members: roster.members.map((old) => (old.site === a.site ? member : old)) },
  });
  refused('NOT_A_MEMBER', /hospital-a/, swap(stranger));
  const { signingKey, sharingKey } = createTestSite(a.site).member;
  for (const changes of [{ signingKey }, { sharingKey }])
    refused('NOT_A_MEMBER', /keys that are not/, swap({ ...a.member, ...changes }));
});

test('a job under another name, or of another federation', () => {
  refused('MANIFEST_INVALID', /^job: /, { job: 'other' });
  refused('MANIFEST_INVALID', /^federation: /, { rules: { federation: 'other.example' } });
});

test('a manifest that its author did not sign, or that was altered after that', () => {
  const altered = documentsOf({ ...manifest, rounds: manifest.rounds + 1 }, roster);
  const { authorSignature } = documentsOf(manifest, roster);
  const other = createEd25519Signer(randomBytes(32));
  const byOther = signManifest(altered.manifest, other.sign);
  for (const signature of [authorSignature, byOther, authorSignature.slice(1), new Uint8Array(64)])
    refused('BAD_SIGNATURE', /author/, { documents: { ...altered, authorSignature: signature } });
});
