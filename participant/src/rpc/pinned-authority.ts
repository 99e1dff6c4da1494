// Before a site has a certificate, it knows its coordinator by the fingerprint of an authority: from the token. The certificate of
// that authority is in the chain that the coordinator shows. It is public, so that whoever shows it proves nothing yet; the
// connection on which the site sends its secret trusts that authority alone.
import { request } from 'node:http';
import { isIP, type Socket } from 'node:net';
import { connect, type DetailedPeerCertificate, type TLSSocket } from 'node:tls';
import { X509Certificate } from 'node:crypto';
import { Refusal, refuseUnless, type Digest } from '@blindsum/proto';
import type { Proxy } from '../network/proxy.ts';

const LIMIT_MS = 20_000;
const MAX_CHAIN = 8;

export interface PinnedPlace {
  /** host:port. */
  readonly coordinator: string;
  readonly authority: Digest;
  readonly proxy: Proxy | undefined;
}

/**
 * The certificate (PEM) of the authority with that fingerprint, as the coordinator shows it. Refuses UNAUTHENTICATED whoever shows
 * none of it, and UNAVAILABLE if nobody answers.
 */
export async function fetchPinnedAuthority({ coordinator, authority, proxy }: PinnedPlace): Promise<string> {
  const chain = await withinLimit(coordinator, (signal) => fetchChain(coordinator, proxy, signal));
  const found = chain.find((certificate) => fingerprintOf(certificate) === authority);
  if (!found) {
    throw new Refusal(
      'UNAUTHENTICATED',
      `${coordinator} shows no certificate of the authority in the token: somebody else answers there, or the token is for another coordinator. Nothing was sent`,
    );
  }
  refuseUnless(
    found.ca,
    'UNAUTHENTICATED',
    'the certificate that the token names is not that of an authority',
  );
  return `${found.toString().trimEnd()}\n`;
}

function fingerprintOf({ fingerprint256 }: X509Certificate): string {
  return fingerprint256.replaceAll(':', '').toLowerCase();
}

async function fetchChain(
  coordinator: string,
  proxy: Proxy | undefined,
  signal: AbortSignal,
): Promise<X509Certificate[]> {
  const [host, port] = toHostPort(coordinator);
  const tunnel = proxy && (await openTunnel(proxy, coordinator, signal));
  const socket = connect({
    ...(tunnel ? { socket: tunnel } : { host, port }),
    // RFC 6066 allows no address as a server name.
    ...(isIP(host) === 0 && { servername: host }),
    // Whose chain it is, is looked at by its fingerprint; nothing is sent here.
    rejectUnauthorized: false,
    minVersion: 'TLSv1.3',
    ALPNProtocols: ['h2'],
  });
  signal.addEventListener('abort', () => socket.destroy(new Error('no answer in time')));
  try {
    return await shownChain(socket);
  } finally {
    socket.destroy();
  }
}

function shownChain(socket: TLSSocket): Promise<X509Certificate[]> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      const chain: X509Certificate[] = [];
      let link: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
      while (link?.raw && chain.length < MAX_CHAIN) {
        chain.push(new X509Certificate(link.raw));
        const next: DetailedPeerCertificate | undefined = link.issuerCertificate;
        link = next === link ? undefined : next;
      }
      resolve(chain);
    });
  });
}

/** An HTTP CONNECT tunnel (RFC 9110 section 9.3.6). */
function openTunnel(proxy: Proxy, coordinator: string, signal: AbortSignal): Promise<Socket> {
  const [host, port] = toHostPort(proxy.address);
  const { credentials } = proxy;
  const authorization =
    credentials === undefined
      ? {}
      : { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` };
  return new Promise((resolve, reject) => {
    const asked = request({
      ...{ host, port, method: 'CONNECT', path: coordinator, signal },
      headers: { host: coordinator, ...authorization },
    });
    asked.once('error', reject);
    asked.once('connect', ({ statusCode }, socket) => {
      if (statusCode === 200) return resolve(socket);
      socket.destroy();
      reject(new Error(`the proxy answers ${statusCode ?? 'nothing'}`));
    });
    asked.end();
  });
}

async function withinLimit<T>(what: string, act: (signal: AbortSignal) => Promise<T>): Promise<T> {
  try {
    return await act(AbortSignal.timeout(LIMIT_MS));
  } catch (cause) {
    throw new Refusal('UNAVAILABLE', `${what}: ${cause instanceof Error ? cause.message : 'no answer'}`, {
      cause,
    });
  }
}

function toHostPort(address: string): [string, number] {
  const at = address.lastIndexOf(':');
  return [address.slice(0, at).replace(/^\[|\]$/g, ''), Number(address.slice(at + 1))];
}
