// A timestamp authority by OpenSSL, with certificates of its own, behind a small HTTP server.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const AUTHORITY = `serial = serial
crypto_device = builtin
default_policy = 1.2.3.4.1
digests = sha256, sha512
signer_digest = sha256
`;
/** The old authority names its certificate as RFC 3161 did before RFC 5816. */
const CONFIG = `
[tsa]
ess_cert_id_alg = sha256
${AUTHORITY}
[old]
ess_cert_id_alg = sha1
${AUTHORITY}
[ca]
default_ca = issuer
[issuer]
database = index
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = named
unique_subject = no
[named]
commonName = supplied
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
  reply(query: Uint8Array, section?: 'tsa' | 'old'): Uint8Array;
  /** The response with the signature of somebody else, who has a certificate by this authority's CA, whatever is in it. */
  signedBy(response: Uint8Array, signer: OddSigner): Uint8Array;
  /** What `openssl ts -verify` says of a response over these bytes; throws an Error when it does not accept it. */
  verify(data: Uint8Array, response: Uint8Array): string;
  close(): Promise<void>;
}

/** A signer that OpenSSL's authority would not be: `openssl cms` does not look at certificates. */
export interface OddSigner {
  /** Lines of the certificate's extensions. */
  readonly extensions: readonly string[];
  /** When it is valid, `YYYYMMDDHHMMSSZ`; from an hour ago to an hour from here unless given. */
  readonly from?: string;
  readonly until?: string;
  /** Its issuer's certificate and key, `<issuer>.pem` and `<issuer>.key`; `ca` unless given. */
  readonly issuer?: string;
  /** What the files of its certificate and key are called; `odd` unless given. */
  readonly name?: string;
  /** Whether the signature names its certificate, as RFC 5816 wants it; true unless given. */
  readonly isNamed?: boolean;
}

type Openssl = (...args: string[]) => string;

function makeCertificates(folder: string, openssl: Openssl): void {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  writeFileSync(join(folder, 'tsa.cnf'), CONFIG);
  writeFileSync(join(folder, 'serial'), '01\n');
  writeFileSync(
    join(folder, 'tsa.ext'),
    'extendedKeyUsage=critical,timeStamping\nbasicConstraints=CA:false\n',
  );
  const own = ['-keyout', 'ca.key', '-out', 'ca.pem', '-days', '30', '-subj', '/CN=Test CA'];
  openssl('req', '-x509', ...key, ...own);
  openssl('req', ...key, '-keyout', 'tsa.key', '-out', 'tsa.csr', '-subj', '/CN=Test TSA');
  const issue = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-set_serial', '4711', '-days', '30'];
  openssl('x509', '-req', '-in', 'tsa.csr', ...issue, '-extfile', 'tsa.ext', '-out', 'tsa.pem');
}

function createReply(folder: string, openssl: Openssl): OpensslAuthority['reply'] {
  return (query, section = 'tsa') => {
    writeFileSync(join(folder, 'query.tsq'), query);
    const signer = ['-signer', 'tsa.pem', '-inkey', 'tsa.key'];
    const config = ['-config', 'tsa.cnf', '-section', section];
    openssl('ts', '-reply', '-queryfile', 'query.tsq', ...signer, ...config, '-out', 'reply.tsr');
    return new Uint8Array(readFileSync(join(folder, 'reply.tsr')));
  };
}

const atHour = (hours: number) =>
  new Date(Date.now() + hours * 3_600_000).toISOString().replace(/[-:T]|\.\d+/g, '');

/** `openssl ca` for its validity from and to an instant. */
function issue(folder: string, openssl: Openssl, signer: OddSigner): void {
  const { extensions, from = atHour(-1), until = atHour(1), issuer = 'ca', name = 'odd' } = signer;
  writeFileSync(join(folder, `${name}.ext`), extensions.join('\n'));
  writeFileSync(join(folder, 'index'), '');
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl('req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=Test ${name}`);
  const by = ['-cert', `${issuer}.pem`, '-keyfile', `${issuer}.key`, '-extfile', `${name}.ext`];
  const life = ['-startdate', from, '-enddate', until];
  const files = ['-config', 'tsa.cnf', '-in', `${name}.csr`, '-out', `${name}.pem`];
  openssl('ca', '-batch', '-notext', ...by, ...life, ...files);
}

function createSignedBy(folder: string, openssl: Openssl): OpensslAuthority['signedBy'] {
  return (response, signer) => {
    const { name = 'odd', isNamed = true, issuer = 'ca' } = signer;
    issue(folder, openssl, signer);
    writeFileSync(join(folder, 'good.tsr'), response);
    openssl('ts', '-reply', '-in', 'good.tsr', '-token_out', '-out', 'good.der');
    openssl('cms', '-verify', '-noverify', '-inform', 'DER', '-in', 'good.der', '-out', 'info.der');
    const content = [
      '-binary',
      '-nodetach',
      '-econtent_type',
      '1.2.840.113549.1.9.16.1.4',
      '-in',
      'info.der',
    ];
    const by = [
      '-signer',
      `${name}.pem`,
      '-inkey',
      `${name}.key`,
      '-md',
      'sha256',
      '-certfile',
      `${issuer}.pem`,
    ];
    const out = ['-outform', 'DER', '-out', 'odd.der'];
    openssl('cms', '-sign', ...content, ...by, ...(isNamed ? ['-cades'] : []), ...out);
    openssl('ts', '-reply', '-in', 'odd.der', '-token_in', '-out', 'odd.tsr');
    return new Uint8Array(readFileSync(join(folder, 'odd.tsr')));
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

export async function startOpensslAuthority(): Promise<OpensslAuthority> {
  const folder = mkdtempSync(join(tmpdir(), 'bs-tsa-'));
  const openssl: Openssl = (...args) =>
    execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] }).toString();
  makeCertificates(folder, openssl);
  const server = await serve((query) => answer(authority, query));
  const authority: OpensslAuthority = {
    folder,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    caFile: join(folder, 'ca.pem'),
    answer: 'well',
    asked: 0,
    reply: createReply(folder, openssl),
    signedBy: createSignedBy(folder, openssl),
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
