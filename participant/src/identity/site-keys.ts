// The site's own keys (PROTOCOL.md section 7): made here, readable by the owner only, never sent and never overwritten.
//   keys/signing.key   Ed25519 seed      signs every message
//   keys/sharing.key   X-Wing seed       opens shares
//   keys/tls.key       P-256, PKCS#8     proves the site to the coordinator
import { createPrivateKey, createPublicKey, randomBytes, webcrypto, type KeyObject } from 'node:crypto';
import { chmod, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { inspect } from 'node:util';
import { join } from 'node:path';
import {
  generateSharingKey,
  parseHex,
  Refusal,
  refuseUnless,
  SHARING_SEED_BYTES,
  toHex,
  type Bytes,
  type Member,
  type SharingKey,
  type SiteId,
  type SiteRequest,
} from '@blindsum/proto';
import { createEd25519Signer, type Ed25519Signer } from '@blindsum/proto/node';
import { x509 } from './x509.ts';

const SIGNING_SEED_BYTES = 32;
const TLS_ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

export interface SiteName {
  readonly federation: string;
  readonly site: SiteId;
}

/** A site's keys in memory; printing them or turning them into JSON gives their kind only. */
export class SiteKeys {
  readonly signer: Ed25519Signer;
  readonly #sharing: SharingKey;
  readonly #tls: KeyObject;

  constructor(signer: Ed25519Signer, sharing: SharingKey, tls: KeyObject) {
    this.signer = signer;
    this.#sharing = sharing;
    this.#tls = tls;
  }

  /** X-Wing secret key. */
  get sharingSecret(): Bytes {
    return this.#sharing.secretKey;
  }

  get tlsKey(): KeyObject {
    return this.#tls;
  }

  /** The roster entry of these keys. */
  member(site: SiteId): Member {
    return {
      site,
      signingKey: toHex(this.signer.publicKey),
      sharingKey: toHex(this.#sharing.publicKey),
    };
  }

  toJSON(): string {
    return '[SiteKeys]';
  }

  [inspect.custom](): string {
    return '[SiteKeys]';
  }
}

/**
 * Makes the keys of a site in `stateDirectory`/keys. Refuses CONFIG_INVALID when keys are there: whoever replaced them would
 * lock the site out of its federation.
 */
export async function createSiteKeys(stateDirectory: string): Promise<SiteKeys> {
  const folder = join(stateDirectory, 'keys');
  refuseUnless(
    !(await exists(folder)),
    'CONFIG_INVALID',
    `${folder}: there are keys already; to start over, move them away and enrol again`,
  );
  const partial = `${folder}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true, mode: 0o700 });
  await chmod(partial, 0o700);
  const tlsKeys = await webcrypto.subtle.generateKey(TLS_ALGORITHM, true, ['sign', 'verify']);
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', tlsKeys.privateKey);
  await writeSecret(join(partial, 'signing.key'), `${toHex(randomBytes(SIGNING_SEED_BYTES))}\n`);
  await writeSecret(join(partial, 'sharing.key'), `${toHex(randomBytes(SHARING_SEED_BYTES))}\n`);
  await writeSecret(join(partial, 'tls.key'), x509.PemConverter.encode(pkcs8, 'PRIVATE KEY'));
  // All keys or none: a folder with some of them would have to be mended by hand.
  await rename(partial, folder);
  return loadSiteKeys(stateDirectory);
}

/** Reads the keys; refuses CONFIG_INVALID when there are none, when a file is damaged or readable by others. */
export async function loadSiteKeys(stateDirectory: string): Promise<SiteKeys> {
  const folder = join(stateDirectory, 'keys');
  const signing = await readSecret(join(folder, 'signing.key'));
  const sharing = await readSecret(join(folder, 'sharing.key'));
  const tls = await readSecret(join(folder, 'tls.key'));
  try {
    return new SiteKeys(
      createEd25519Signer(parseHex(signing.trimEnd(), SIGNING_SEED_BYTES, 'signing key')),
      generateSharingKey(parseHex(sharing.trimEnd(), SHARING_SEED_BYTES, 'sharing key')),
      createPrivateKey(tls),
    );
  } catch {
    // No cause: a parser's message may quote the key.
    throw new Refusal('CONFIG_INVALID', `${folder}: a key file is damaged; restore it from a backup`);
  }
}

/** What the operator needs to let the site in: its public keys, and proof that it holds the TLS key. */
export async function createSiteRequest(
  keys: SiteKeys,
  { federation, site }: SiteName,
): Promise<SiteRequest> {
  const csr = await x509.Pkcs10CertificateRequestGenerator.create({
    name: `CN=${site}`,
    keys: await importTlsKeys(keys.tlsKey),
    signingAlgorithm: TLS_ALGORITHM,
  });
  return { format: 'blindsum-site-request/v1', federation, ...keys.member(site), csr: csr.toString('pem') };
}

async function importTlsKeys(key: KeyObject): Promise<webcrypto.CryptoKeyPair> {
  const { subtle } = webcrypto;
  const pkcs8 = key.export({ format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return {
    privateKey: await subtle.importKey('pkcs8', pkcs8, TLS_ALGORITHM, true, ['sign']),
    publicKey: await subtle.importKey('spki', spki, TLS_ALGORITHM, true, ['verify']),
  };
}

async function writeSecret(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function readSecret(path: string): Promise<string> {
  let mode: number;
  try {
    ({ mode } = await stat(path));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const hint = code === 'ENOENT' ? 'run `blindsum-site keygen` first' : 'check its permissions';
    throw new Refusal('CONFIG_INVALID', `${path}: cannot be read (${code ?? 'unknown'}); ${hint}`, { cause });
  }
  const isPrivate = (mode & 0o077) === 0;
  refuseUnless(isPrivate, 'CONFIG_INVALID', `${path}: others can read this key; run chmod 600 on it`);
  return readFile(path, 'utf8');
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
