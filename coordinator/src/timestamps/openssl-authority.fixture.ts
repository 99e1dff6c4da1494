// A timestamp authority by OpenSSL, with certificates of its own, behind a small HTTP server.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const CONFIG = `
[tsa]
serial = serial
crypto_device = builtin
default_policy = 1.2.3.4.1
digests = sha256, sha512
ess_cert_id_alg = sha256
signer_digest = sha256
`;

/** True where OpenSSL is installed. */
export function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export interface OpensslAuthority {
  readonly folder: string;
  readonly url: string;
  readonly caFile: string;
  /** How the next requests are answered. */
  answer: 'well' | 'not' | 'with a changed bit';
  asked: number;
  /** The response to a request, DER. */
  reply(query: Uint8Array): Uint8Array;
  /** What `openssl ts -verify` says of a response over these bytes; throws an Error when it does not accept it. */
  verify(data: Uint8Array, response: Uint8Array): string;
  close(): Promise<void>;
}

type Openssl = (...args: string[]) => string;

function makeCertificates(folder: string, openssl: Openssl, purpose: string): void {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  writeFileSync(join(folder, 'tsa.cnf'), CONFIG);
  writeFileSync(join(folder, 'serial'), '01\n');
  writeFileSync(join(folder, 'tsa.ext'), `extendedKeyUsage=${purpose}\nbasicConstraints=CA:false\n`);
  const own = ['-keyout', 'ca.key', '-out', 'ca.pem', '-days', '30', '-subj', '/CN=Test CA'];
  openssl('req', '-x509', ...key, ...own);
  openssl('req', ...key, '-keyout', 'tsa.key', '-out', 'tsa.csr', '-subj', '/CN=Test TSA');
  const issue = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-set_serial', '4711', '-days', '30'];
  openssl('x509', '-req', '-in', 'tsa.csr', ...issue, '-extfile', 'tsa.ext', '-out', 'tsa.pem');
}

function createReply(folder: string, openssl: Openssl): OpensslAuthority['reply'] {
  return (query) => {
    writeFileSync(join(folder, 'query.tsq'), query);
    const signer = ['-signer', 'tsa.pem', '-inkey', 'tsa.key'];
    const config = ['-config', 'tsa.cnf', '-section', 'tsa'];
    openssl('ts', '-reply', '-queryfile', 'query.tsq', ...signer, ...config, '-out', 'reply.tsr');
    return new Uint8Array(readFileSync(join(folder, 'reply.tsr')));
  };
}

function answer(authority: OpensslAuthority, query: Uint8Array): Uint8Array | undefined {
  authority.asked++;
  if (authority.answer === 'not') return undefined;
  const response = authority.reply(query);
  return authority.answer === 'well'
    ? response
    : response.map((byte, i) => (i === response.length - 20 ? byte ^ 1 : byte));
}

function serve(ask: (query: Uint8Array) => Uint8Array | undefined): Promise<Server> {
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const found = ask(Buffer.concat(parts));
      if (!found) response.writeHead(503).end();
      else response.writeHead(200, { 'content-type': 'application/timestamp-reply' }).end(found);
    });
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

/** `purpose` is the extended key usage of the signer's certificate. */
export async function startOpensslAuthority(purpose = 'critical,timeStamping'): Promise<OpensslAuthority> {
  const folder = mkdtempSync(join(tmpdir(), 'bs-tsa-'));
  const openssl: Openssl = (...args) =>
    execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] }).toString();
  makeCertificates(folder, openssl, purpose);
  const server = await serve((query) => answer(authority, query));
  const authority: OpensslAuthority = {
    folder,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    caFile: join(folder, 'ca.pem'),
    answer: 'well',
    asked: 0,
    reply: createReply(folder, openssl),
    verify(data, response) {
      writeFileSync(join(folder, 'data'), data);
      writeFileSync(join(folder, 'response.tsr'), response);
      return openssl('ts', '-verify', '-data', 'data', '-in', 'response.tsr', '-CAfile', 'ca.pem');
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true });
    },
  };
  return authority;
}
