import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8 } from './bytes.ts';
import {
  encodeSiteGrant,
  encodeSiteRequest,
  hostPortSchema,
  parseSiteGrant,
  parseSiteRequest,
  parseSiteUri,
  siteUri,
  type SiteGrant,
  type SiteRequest,
} from './enrolment.ts';
import type { SiteId } from './identifiers.ts';
import { Refusal } from './refusal.ts';

const pem = (label: string) => `-----BEGIN ${label}-----\nAAAA\n-----END ${label}-----\n`;

const REQUEST: SiteRequest = {
  format: 'blindsum-site-request/v1',
  federation: 'test.example',
  site: 'hospital-a' as SiteId,
  signingKey: '11'.repeat(32),
  sharingKey: '22'.repeat(1216),
  csr: pem('CERTIFICATE REQUEST'),
};

const GRANT: SiteGrant = {
  format: 'blindsum-site-grant/v1',
  federation: 'test.example',
  site: 'hospital-a' as SiteId,
  coordinator: 'coordinator.test.example:7443',
  caCertificate: pem('CERTIFICATE'),
  certificate: pem('CERTIFICATE'),
  logVerifierKey: 'test.example+00000000+AAAA',
};

const refusedAs = (code: string, place: RegExp) => (error: unknown) =>
  error instanceof Refusal && error.code === code && place.test(error.message);

test('a request and a grant survive the way through their files', () => {
  assert.deepEqual(parseSiteRequest(utf8(encodeSiteRequest(REQUEST))), REQUEST);
  assert.deepEqual(parseSiteGrant(utf8(encodeSiteGrant(GRANT))), GRANT);
});

test('each mistake in a request is named with its place', () => {
  const mistakes: [object, RegExp][] = [
    [{ site: 'Hospital A' }, /site: a site name/],
    [{ signingKey: 'AA'.repeat(32) }, /signingKey: expected 32 bytes/],
    [{ sharingKey: '' }, /sharingKey: expected 1216 bytes/],
    [{ csr: pem('PRIVATE KEY') }, /csr: expected one PEM block labelled CERTIFICATE REQUEST/],
    [{ csr: `${REQUEST.csr}${REQUEST.csr}` }, /csr: /],
    [{ role: 'operator' }, /role/],
    [{ format: 'blindsum-site-request/v2' }, /format/],
  ];
  for (const [change, place] of mistakes) {
    const text = JSON.stringify({ ...REQUEST, ...change });
    assert.throws(() => parseSiteRequest(utf8(text)), refusedAs('MALFORMED', place), text.slice(0, 60));
  }
});

test('what is no JSON, no UTF-8 or too long is malformed', () => {
  for (const bytes of [utf8(''), utf8('{'), Uint8Array.of(0xff), utf8(' '.repeat(70000))]) {
    assert.throws(() => parseSiteGrant(bytes), refusedAs('MALFORMED', /site grant/));
  }
});

test('a site’s URI has one spelling, in its own federation', () => {
  assert.equal(parseSiteUri(siteUri('test.example', REQUEST.site), 'test.example'), REQUEST.site);
  const others = [
    'fed://other.example/site/hospital-a',
    'fed://test.example/site/',
    'fed://test.example/site/Hospital-a',
    'fed://test.example/site/hospital-a/x',
    'fed://test.example/site/hospital-a ',
    'hospital-a',
  ];
  for (const uri of others) {
    assert.throws(
      () => parseSiteUri(uri, 'test.example'),
      refusedAs('UNAUTHENTICATED', /names no site/),
      uri,
    );
  }
});

test('an address is a host and a port', () => {
  for (const text of ['a:1', '127.0.0.1:0', '[::1]:7443', 'coordinator.example:65535']) {
    assert.ok(hostPortSchema.safeParse(text).success, text);
  }
  for (const text of ['a', ':1', 'a:', 'a:65536', 'a:1:2', '::1:80', 'http://a:1', 'a b:1', '-a:1']) {
    assert.ok(!hostPortSchema.safeParse(text).success, text);
  }
});
