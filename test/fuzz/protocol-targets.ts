// What sites, authors and operators hand each other.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  acknowledgementCodec,
  attestationCodec,
  checkpointComplaintCodec,
  checksumStatementCodec,
  commitmentCodec,
  complaintCodec,
  consentCodec,
  createInitialModel,
  encodeGlobalModel,
  encodeInvitation,
  encodePart,
  encodeRoster,
  encodeShare,
  encodeSignedManifest,
  Invitation,
  manifestHash,
  N,
  modelReleaseCodec,
  openingCodec,
  openSignedMessage,
  parseBase64,
  parseCanonicalJson,
  parseChainedRoster,
  parseChecksumValue,
  parseContributorSet,
  parseDataSchema,
  parseDigest,
  parseGlobalModel,
  parseHex,
  parseInvitation,
  parseInvitationId,
  parseJobFile,
  parseJobId,
  parseManifest,
  parseModelSpec,
  parsePart,
  parseRoster,
  parseShare,
  parseSignedManifest,
  parseSiteGrant,
  parseSiteId,
  parseSiteRequest,
  parseSiteUri,
  rosterApprovalCodec,
  rosterHash,
  sealedCheckpointCodec,
  setRoot,
  SHARE_BYTES,
  SIGNATURE_BYTES,
  signMessage,
  toCanonicalBytes,
  utf8,
  verifyManifestFits,
  withdrawalCodec,
  type Bytes,
  type Digest,
  type JobId,
  type MessageCodec,
  type Sent,
  type SignedMessage,
} from '@blindsum/proto';
import { verifyEd25519 } from '@blindsum/proto/node';
import {
  createTestFederation,
  createTestManifest,
  signTestManifest,
  TEST_JOB,
} from '../fixtures/federation.ts';
import { bytesTarget, textTarget, valueTarget, type FuzzTarget } from './fuzz-target.ts';

const federation = createTestFederation();
const { roster } = federation;
const [a] = federation.sites as [(typeof federation.sites)[number]];
const manifest = createTestManifest(roster);
const DIGEST = 'ab'.repeat(32) as Digest;
const site = a.site;
const named = { context: DIGEST, site };
const roots = { setRoot: DIGEST, sumRoot: DIGEST };
const modelHash = DIGEST;

/** A signed message as one input: the signature, then the payload. */
function messageTarget<T extends Sent>(codec: MessageCodec<T>, value: T): FuzzTarget {
  const { payload, signature } = signMessage(codec, value, a.sign, roster);
  return bytesTarget(`message-${codec.type}`, [Buffer.concat([signature, payload])], (input) =>
    openSignedMessage(codec, toMessage(input), roster, verifyEd25519),
  );
}

/** Most die at the signature: this one asks what the payload says whoever signed it. */
function payloadTarget<T>(codec: MessageCodec<T>, value: T): FuzzTarget {
  return bytesTarget(`payload-${codec.type}`, [codec.encode(value, roster)], (input) =>
    codec.parse(input, roster),
  );
}

const toMessage = (input: Bytes): SignedMessage => ({
  payload: input.subarray(SIGNATURE_BYTES),
  signature: input.subarray(0, SIGNATURE_BYTES),
});

function messageTargets(): FuzzTarget[] {
  const both = <T extends Sent>(codec: MessageCodec<T>, value: T) => [
    messageTarget(codec, value),
    payloadTarget(codec, value),
  ];
  const job = 'test-job' as JobId;
  const hashes = { manifestHash: manifestHash(manifest), rosterHash: rosterHash(roster) };
  const consent = { federation: roster.federation, job, site, ...hashes };
  return [
    ...both(consentCodec, consent),
    ...both(commitmentCodec, { ...named, ciphertextRoot: DIGEST, chunks: 1, shareRoot: DIGEST }),
    ...both(acknowledgementCodec, { ...named, setAttempt: 1, setRoot: DIGEST }),
    ...both(complaintCodec, { ...named, setAttempt: 1, setRoot: DIGEST, dealers: [site] }),
    ...both(checksumStatementCodec, {
      ...named,
      subject: site,
      ...roots,
      values: ['0'.repeat(16), '0'.repeat(16)],
    }),
    ...both(openingCodec, { ...named, ...roots, openingRoot: DIGEST }),
    ...both(attestationCodec, { ...named, ...roots, modelHash, metrics: { examples: 3 } }),
    ...both(sealedCheckpointCodec, { ...named, modelHash, rosterHash: DIGEST, root: DIGEST }),
    ...both(checkpointComplaintCodec, { ...named, sealer: site, root: DIGEST }),
    ...both(rosterApprovalCodec, { federation: roster.federation, site, version: 1, rosterHash: DIGEST }),
    ...both(modelReleaseCodec, {
      federation: roster.federation,
      job,
      site,
      round: 1,
      modelHash,
      fileDigest: DIGEST,
      rosterHash: DIGEST,
    }),
    ...both(withdrawalCodec, {
      federation: roster.federation,
      job,
      site,
      manifestHash: DIGEST,
      fromRound: 1,
    }),
  ];
}

function contributorSetTarget(): FuzzTarget {
  const value = { chunks: 1, ciphertextRoot: DIGEST, shareRoot: DIGEST, context: DIGEST };
  const commitments = federation.sites.map((each) =>
    signMessage(commitmentCodec, { ...value, site: each.site }, each.sign, roster),
  );
  const [first, ...rest] = commitments as [SignedMessage, ...SignedMessage[]];
  const input = Buffer.concat([first.signature, first.payload]);
  const expected = { context: DIGEST, roster, chunks: 1, verify: verifyEd25519 };
  return bytesTarget('contributor-set', [input], (bytes) =>
    parseContributorSet({ root: setRoot(commitments), commitments: [toMessage(bytes), ...rest] }, expected),
  );
}

function documentTargets(): FuzzTarget[] {
  const signed = signTestManifest(manifest);
  const parseAndFit = (input: Bytes): void => verifyManifestFits(parseManifest(input), roster);
  return [
    bytesTarget('canonical-json', [toCanonicalBytes({ a: [1, true, 'x', { b: {} }], z: '' })], (input) =>
      parseCanonicalJson(input, 'value'),
    ),
    bytesTarget('manifest', [signed.manifest], parseAndFit),
    textTarget('signed-manifest', [encodeSignedManifest(signed)], (text) => parseSignedManifest(utf8(text))),
    bytesTarget('roster', [encodeRoster(roster)], parseRoster),
    bytesTarget('chained-roster', [encodeRoster(roster)], parseChainedRoster),
    valueTarget('job-file', [TEST_JOB], parseJobFile),
    valueTarget('data-schema', [manifest.data], parseDataSchema),
    valueTarget('model-spec', [TEST_JOB.model], parseModelSpec),
  ];
}

function bulkTargets(): FuzzTarget[] {
  const chunk = encodePart(new BigUint64Array(N).fill(7n));
  const share = encodeShare(new Uint16Array(SHARE_BYTES / 2).fill(9));
  const model = encodeGlobalModel(createInitialModel(manifest));
  return [
    bytesTarget('ciphertext-part', [chunk], (input) => parsePart(input, { index: 0, chunks: 1 }), 0.2),
    bytesTarget('last-part', [chunk], (input) => parsePart(input, { index: 1, chunks: 33 }), 0.2),
    bytesTarget('key-share', [share], parseShare, 0.2),
    bytesTarget('global-model', [model], (input) => parseGlobalModel(input, manifest)),
  ];
}

function enrolmentTargets(): FuzzTarget[] {
  const pem = (label: string) => `-----BEGIN ${label}-----\n${'QUJD'.repeat(16)}\n-----END ${label}-----\n`;
  const keys = { signingKey: a.member.signingKey, sharingKey: a.member.sharingKey };
  const request = { format: 'blindsum-site-request/v1', federation: roster.federation, site, ...keys };
  const grant = {
    format: 'blindsum-site-grant/v1',
    ...{ federation: roster.federation, site, coordinator: 'coordinator.example:7443' },
    ...{
      caCertificate: pem('CERTIFICATE'),
      certificate: pem('CERTIFICATE'),
      logVerifierKey: 'x+00000000+AAAA',
    },
  };
  const [token] = invitations();
  return [
    textTarget('site-request', [JSON.stringify({ ...request, csr: pem('CERTIFICATE REQUEST') })], (text) =>
      parseSiteRequest(utf8(text)),
    ),
    textTarget('site-grant', [JSON.stringify(grant)], (text) => parseSiteGrant(utf8(text))),
    textTarget('site-uri', [`fed://${roster.federation}/site/${site}`], (text) =>
      parseSiteUri(text, roster.federation),
    ),
    textTarget('invitation', invitations(), parseInvitation),
    textTarget('invitation-content', [contentOf(token!)], (text) =>
      parseInvitation(`blindsum-invite-v1.${Buffer.from(text).toString('base64url')}`),
    ),
    textTarget('invitation-id', ['0'.repeat(32)], parseInvitationId),
  ];
}

function invitations(): string[] {
  const vectors = JSON.parse(
    readFileSync(join(import.meta.dirname, '../vectors/invitation.json'), 'utf8'),
  ) as { good: { token: string }[] };
  const terms = {
    coordinator: '[::1]:7443',
    authority: DIGEST,
    federation: 'x.example',
    site,
    invitation: '0'.repeat(32),
  };
  return [
    ...vectors.good.map(({ token }) => token),
    encodeInvitation(new Invitation(terms, new Uint8Array(32))),
  ];
}

const contentOf = (token: string) => Buffer.from(token.split('.')[1]!, 'base64url').toString('utf8');

function wordTargets(): FuzzTarget[] {
  return [
    textTarget('base64', ['AAAA', 'QUI=', 'QQ=='], (text) => parseBase64(text, 'text')),
    textTarget('hex', ['00ff'.repeat(8)], (text) => parseHex(text, 16, 'text')),
    textTarget('digest', [DIGEST], (text) => parseDigest(text, 'text')),
    textTarget('checksum-value', ['0123456789abcdef'], parseChecksumValue),
    textTarget('site-id', ['hospital-a'], parseSiteId),
    textTarget('job-id', ['test-job'], parseJobId),
  ];
}

export const PROTOCOL_TARGETS: readonly FuzzTarget[] = [
  ...messageTargets(),
  contributorSetTarget(),
  ...documentTargets(),
  ...bulkTargets(),
  ...enrolmentTargets(),
  ...wordTargets(),
];
