import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '@blindsum/proto';
import { parseCredentials, parseProxy, proxyFromEnvironment } from './proxy.ts';

const invalid = (secret: string) => (error: unknown) =>
  error instanceof Refusal && error.code === 'CONFIG_INVALID' && !error.message.includes(secret);

test('a proxy is an address with or without credentials', () => {
  const none = undefined;
  assert.deepEqual(parseProxy('http://proxy.example:8080', 'x'), {
    address: 'proxy.example:8080',
    credentials: none,
  });
  assert.deepEqual(parseProxy('http://proxy.example', 'x'), {
    address: 'proxy.example:3128',
    credentials: none,
  });
  assert.deepEqual(parseProxy('http://proxy.example:80/', 'x'), {
    address: 'proxy.example:80',
    credentials: none,
  });
  assert.deepEqual(parseProxy('http://[::1]:3128', 'x'), { address: '[::1]:3128', credentials: none });
  const { credentials } = parseProxy('http://site:p%40ss%3A@proxy.example:3128', 'x');
  assert.equal(credentials, 'site:p@ss:');
});

test('what is no proxy is refused without being quoted', () => {
  for (const text of [
    '',
    'secret',
    'https://u:secret@proxy.example',
    'socks5://u:secret@proxy.example',
    'http://u:secret@proxy.example/path',
    'http://u:secret@proxy.example?x=1',
    'http://u:secret%ff@proxy.example',
  ])
    assert.throws(() => parseProxy(text, 'network.proxy'), invalid('secret'), text);
  for (const text of ['', 'secret', ':secret', 'u:secret\nmore', 'u\u0000:secret'])
    assert.throws(() => parseCredentials(text, 'network.proxyCredentialsFile'), invalid('secret'), text);
  assert.equal(parseCredentials('user:pass:word\n', 'x'), 'user:pass:word');
});

test('the environment names a proxy, and hosts that are dialled without it', () => {
  const https_proxy = 'http://proxy.example:3128';
  const dialled = (host: string, no_proxy: string) =>
    proxyFromEnvironment({ https_proxy, no_proxy }, host)?.address ?? 'directly';
  const cases: [string, string, string][] = [
    ['coordinator.example', '', 'proxy.example:3128'],
    ['coordinator.example', 'other.example, coordinator.example', 'directly'],
    ['coordinator.example', '.example', 'directly'],
    ['coordinator.example', '*', 'directly'],
    ['evilexample', 'example', 'proxy.example:3128'],
    ['COORDINATOR.example', 'coordinator.EXAMPLE', 'directly'],
    ['10.1.2.3', '10.0.0.0/8', 'directly'],
    ['11.1.2.3', '10.0.0.0/8', 'proxy.example:3128'],
    ['10.1.2.3', '10.0.0.0/99,10.0.0.0/8/8,/,10.1.2', 'proxy.example:3128'],
    ['[fd00::1]', 'fd00::/8', 'directly'],
    ['127.0.0.1', '127.0.0.1', 'directly'],
  ];
  for (const [host, exceptions, how] of cases)
    assert.equal(dialled(host, exceptions), how, `${host} ${exceptions}`);
  assert.equal(proxyFromEnvironment({}, 'coordinator.example'), undefined);
  assert.equal(
    proxyFromEnvironment({ HTTPS_PROXY: https_proxy, NO_PROXY: 'x' }, 'coordinator.example')?.address,
    'proxy.example:3128',
  );
  assert.throws(() => proxyFromEnvironment({ https_proxy: 'secret' }, 'x'), invalid('secret'));
});
