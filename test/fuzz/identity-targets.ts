// What says who somebody is or what they may do: policies, credentials, enrolment, key files, authors, the trail.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, fromBinary, toBinary, type DescMessage, type MessageShape } from '@bufbuild/protobuf';
import {
  concat,
  encodeSiteGrant,
  encodeSiteRequest,
  encodeTrailEntry,
  parseSiteGrant,
  parseTrail,
  parseTrailEntry,
  Refusal,
  toTrailText,
  trailEntryHash,
  utf8,
  type Bytes,
  type SiteId,
  type TrailEntry,
} from '@blindsum/proto';
import { parseSealedSecret, readKeyFile, sealSecret } from '@blindsum/proto/node';
import { EnrolRequestSchema, RenewRequestSchema } from '@blindsum/proto/rpc';
import { ApiKeys } from '../../coordinator/src/access/api-keys.ts';
import { Sessions } from '../../coordinator/src/access/sessions.ts';
import {
  createAuthorKey,
  loadAuthor,
  loadAuthorKey,
  publicPath,
} from '../../coordinator/src/author/author-files.ts';
import { loadJobFile } from '../../coordinator/src/commands/operator.ts';
import { openBench, SITE } from '../../coordinator/src/enrolment/enrolment.fixture.ts';
import { createSiteRequest, FEDERATION } from '../../coordinator/src/federation.fixture.ts';
import { createAuthorityKey, openAuthority } from '../../coordinator/src/identity/authority.ts';
import { openExternalAuthority } from '../../coordinator/src/identity/external-authority.ts';
import { createEnrolmentService } from '../../coordinator/src/rpc/enrolment-service.ts';
import { MemoryApiKeyStore } from '../../coordinator/src/storage/memory-api-key-store.ts';
import { MemorySessionStore } from '../../coordinator/src/storage/memory-session-store.ts';
import { verifyGrant } from '../../participant/src/identity/grant-file.ts';
import { createSiteKeys, createSiteRequest as requestOf } from '../../participant/src/identity/site-keys.ts';
import { parseHours } from '../../participant/src/policy/hours.ts';
import { loadPolicy, parsePolicy } from '../../participant/src/policy/policy.ts';
import { TEST_JOB } from '../fixtures/federation.ts';
import { fileTarget } from './file-targets.ts';
import { bytesTarget, textTarget, valueTarget, yamlTarget, type FuzzTarget } from './fuzz-target.ts';

const folder = mkdtempSync(join(tmpdir(), 'bs-fuzz-identity-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const clock = { nowMs: () => 1_000_000 };

const POLICY = {
  authors: ['0123-4567-89ab-cdef-0123-4567-89ab-cdef-0123-4567'],
  jobs: ['sepsis-*'],
  columns: ['age', 'outcome'],
  maxParameters: 100_000,
  maxRounds: { job: 50, all: 500 },
  maxClipNorm: 1,
  privacy: { mechanism: 'skellam', maxEpsilon: 1, maxDelta: 0.000001 },
  minThreshold: { sites: 3, fraction: 0.6 },
  requireStableSets: true,
  approval: 'person',
  hours: '22:00-06:00 Europe/Berlin',
};

function policyTargets(): FuzzTarget[] {
  const sample = readFileSync(join(import.meta.dirname, '../../deploy/samples/policy.yaml'), 'utf8');
  return [
    valueTarget('policy', [POLICY, { ...POLICY, authors: 'any', privacy: 'none' }], parsePolicy),
    yamlTarget(fileTarget('policy.yaml', [sample.replaceAll(/^ *#.*\n/gm, '')], loadPolicy)),
    textTarget('hours', ['22:00-06:00 Europe/Berlin', '08:00-17:30 UTC'], parseHours),
    yamlTarget(fileTarget('job.yaml', [JSON.stringify(TEST_JOB, null, 1)], loadJobFile)),
  ];
}

async function credentialTargets(): Promise<FuzzTarget[]> {
  const keys = new ApiKeys(new MemoryApiKeyStore(), clock);
  const { credential, stored } = await keys.create({ name: 'x', scope: 'read', lifetimeMs: undefined });
  const sessions = new Sessions({ store: new MemorySessionStore(), keys, clock, issuer: undefined });
  const { key, name, scope } = stored;
  const session = await sessions.create({ kind: 'key', key, name, scope });
  return [
    textTarget('api-key', [credential], (text) => keys.authenticate(text)),
    textTarget('session', [session], (text) => sessions.open(text)),
  ];
}

/** What gRPC does with bytes that are no message is its own: a status, and no call. */
function messageTarget<T extends DescMessage>(
  name: string,
  { type, seed }: { readonly type: T; readonly seed: MessageShape<T> },
  handle: (request: MessageShape<T>) => Promise<unknown>,
): FuzzTarget {
  const decode = (input: Bytes): MessageShape<T> => {
    try {
      return fromBinary(type, input);
    } catch (cause) {
      throw new Refusal('MALFORMED', 'not a message', { cause });
    }
  };
  return bytesTarget(name, [toBinary(type, seed)], (input) => handle(decode(input)), 0.3);
}

async function enrolmentTargets(): Promise<FuzzTarget[]> {
  const bench = await openBench();
  const service = createEnrolmentService(bench);
  const { invitation, secret } = await bench.invite();
  const { request } = await createSiteRequest(SITE);
  const enrol = (text: Bytes) => create(EnrolRequestSchema, { invitation, secret, request: text });
  const good = enrol(utf8(encodeSiteRequest(request)));
  const renew = create(RenewRequestSchema, { csr: request.csr });
  const [visitor, member] = [undefined as never, { site: SITE } as never];
  // Used before any of the inputs, so that none of them is admitted in its place.
  await service.enrol(visitor, good);
  return [
    messageTarget('enrol', { type: EnrolRequestSchema, seed: good }, (message) =>
      service.enrol(visitor, message),
    ),
    messageTarget('renew', { type: RenewRequestSchema, seed: renew }, (message) =>
      service.renew(member, message),
    ),
    bytesTarget('enrol-request', [good.request], (input) => service.enrol(visitor, enrol(input)), 0.3),
  ];
}

/** The certificate that a site brings from an authority elsewhere. */
async function broughtCertificateTarget(): Promise<FuzzTarget> {
  const nowMs = Date.now();
  const own = await openAuthority(FEDERATION, await createAuthorityKey(FEDERATION, nowMs));
  const server = await own.createServerIdentity(['localhost'], nowMs);
  const at = (name: string, text: string) => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const external = await openExternalAuthority(
    FEDERATION,
    {
      authority: 'external',
      trustFile: at('trust.pem', own.certificate),
      certificateFile: at('server.pem', server.certificate),
      keyFile: at('server.key', server.privateKey),
    },
    nowMs,
  );
  const { request } = await createSiteRequest(SITE);
  const certificate = await own.issueSiteCertificate(SITE, request, nowMs);
  return textTarget(
    'brought-certificate',
    [certificate, certificate + own.certificate],
    (text) => external.issueSiteCertificate(SITE, { csr: request.csr, certificate: text }, nowMs),
    0.3,
  );
}

/** A grant as a site reads it, with the certificates in it. */
async function grantTarget(): Promise<FuzzTarget> {
  const keys = await createSiteKeys(folder);
  const name = { federation: FEDERATION, site: 'hospital-a' as SiteId };
  const authority = await openAuthority(FEDERATION, await createAuthorityKey(FEDERATION, Date.now()));
  const request = await requestOf(keys, name);
  const certificate = await authority.issueSiteCertificate(name.site, request, Date.now());
  const grant = encodeSiteGrant({
    ...{ format: 'blindsum-site-grant/v1', ...name, coordinator: 'coordinator.example:7443' },
    ...{ caCertificate: authority.certificate, certificate, logVerifierKey: 'x+00000000+AAAA' },
  });
  return textTarget('grant-certificates', [grant], (text) =>
    verifyGrant(parseSiteGrant(utf8(text)), { name, keys }),
  );
}

async function keyFileTargets(): Promise<FuzzTarget[]> {
  const sealed = sealSecret('signing.key', utf8('00'.repeat(32)), 'correct horse');
  const path = join(folder, 'author.key');
  await createAuthorKey(path, 'Ada Author');
  const terms = { passphrase: undefined, program: 'x', whenMissing: 'x' };
  const text = (name: string) => readFile(name, 'utf8');
  return [
    bytesTarget('sealed-secret', [sealed], (input) => parseSealedSecret('x', input)),
    fileTarget('key-file', ['00'.repeat(32)], (name) => readKeyFile(name, terms)),
    fileTarget('author-key', [await text(path)], loadAuthorKey),
    fileTarget('author-public', [await text(publicPath(path))], loadAuthor),
  ];
}

function trailTargets(): FuzzTarget[] {
  const entry: TrailEntry = {
    ...{ sequence: 1, previous: '', salt: '00'.repeat(16), atMs: 1_790_000_000_000 },
    actor: { kind: 'key', key: '0123456789abcdef', name: 'console', scope: 'operator' },
    ...{ from: '192.0.2.7', action: 'job.cancel', subject: 'x', detail: 'too slow' },
    ...{ outcome: 'begun', code: '', completes: 0 },
  };
  const first = encodeTrailEntry(entry);
  const previous = trailEntryHash(first);
  const next = encodeTrailEntry({ ...entry, sequence: 2, previous, outcome: 'done', completes: 1 });
  const newline = utf8('\n');
  return [
    bytesTarget('trail-entry', [first, next], parseTrailEntry),
    bytesTarget('trail', [concat(first, newline, next, newline)], parseTrail),
    { ...textTarget('trail-text', ['Dr. A'], (text) => toTrailText(text, 300)), refuses: false },
  ];
}

export const IDENTITY_TARGETS: readonly FuzzTarget[] = [
  ...policyTargets(),
  ...(await credentialTargets()),
  ...(await enrolmentTargets()),
  await broughtCertificateTarget(),
  await grantTarget(),
  ...(await keyFileTargets()),
  ...trailTargets(),
];
