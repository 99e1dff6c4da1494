// The site's own keys (PROTOCOL.md section 3): made here, readable by the owner only, never sent and never overwritten.
//   keys/signing.key   Ed25519 seed      signs every message
//   keys/sharing.key   X-Wing seed       opens shares
//   keys/tls.key       P-256, PKCS#8     proves the site to the coordinator
//   keys/tls-<16 hexadecimal digits>.key  the ones after it, named by the SHA-256 of their public halves
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  webcrypto,
  type KeyObject,
  type X509Certificate,
} from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
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
import { createEd25519Signer, readPassphrase, readSource, type Ed25519Signer } from '@blindsum/proto/node';
import { createKeyFolder, openKeyFiles } from './key-files.ts';
import type { KeyStorage } from './key-storage.ts';
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
  /** TLS keys that were made after the first one. */
  readonly #later: KeyObject[];

  constructor(signer: Ed25519Signer, sharing: SharingKey, tls: KeyObject, later: readonly KeyObject[] = []) {
    this.signer = signer;
    this.#sharing = sharing;
    this.#tls = tls;
    this.#later = [...later];
  }

  /** X-Wing secret key. */
  get sharingSecret(): Bytes {
    return this.#sharing.secretKey;
  }

  /** The one that the site enrols with. */
  get tlsKey(): KeyObject {
    return this.#tls;
  }

  get laterTlsKeys(): readonly KeyObject[] {
    return this.#later;
  }

  addTlsKey(key: KeyObject): void {
    this.#later.push(key);
  }

  /** The TLS key that a certificate is for, if it is one of these. */
  tlsKeyOf(certificate: X509Certificate): KeyObject | undefined {
    return [this.#tls, ...this.#later].find((key) => certificate.checkPrivateKey(key));
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

const LATER_TLS_KEY = /^tls-[0-9a-f]{16}\.key$/;

/**
 * Makes the keys of a site in `stateDirectory`/keys. Refuses CONFIG_INVALID when keys are there, because whoever replaced them
 * would lock the site out of its federation, and when the platform provides them.
 */
export async function createSiteKeys(stateDirectory: string, storage: KeyStorage = {}): Promise<SiteKeys> {
  const folder = toFolder(stateDirectory);
  refuseUnless(storage.from === undefined, 'CONFIG_INVALID', 'keys.from: the platform provides the keys');
  refuseUnless(
    !hasSiteKeys(stateDirectory),
    'CONFIG_INVALID',
    `${folder}: there are keys already; to start over, move them away and enrol again`,
  );
  await createKeyFolder(folder, await readPassphrase(storage), {
    'signing.key': `${toHex(randomBytes(SIGNING_SEED_BYTES))}\n`,
    'sharing.key': `${toHex(randomBytes(SHARING_SEED_BYTES))}\n`,
    'tls.key': toPem(createTlsKey()),
  });
  return loadSiteKeys(stateDirectory, storage);
}

export function hasSiteKeys(stateDirectory: string): boolean {
  return existsSync(toFolder(stateDirectory));
}

/** Reads the keys; refuses CONFIG_INVALID when there are none, when a file is damaged, readable by others or does not open. */
export async function loadSiteKeys(stateDirectory: string, storage: KeyStorage = {}): Promise<SiteKeys> {
  const folder = toFolder(stateDirectory);
  const texts = await readKeys(folder, storage);
  try {
    return new SiteKeys(
      createEd25519Signer(parseHex(texts.signing.trimEnd(), SIGNING_SEED_BYTES, 'signing key')),
      generateSharingKey(parseHex(texts.sharing.trimEnd(), SHARING_SEED_BYTES, 'sharing key')),
      createPrivateKey(texts.tls),
      texts.laterTls.map((pem) => createPrivateKey(pem)),
    );
  } catch {
    // No cause: a parser's message may quote the key.
    throw new Refusal('CONFIG_INVALID', `${folder}: a key file is damaged; restore it from a backup`);
  }
}

async function readKeys(folder: string, storage: KeyStorage) {
  const { from } = storage;
  if (from)
    return {
      signing: await readSource(from.signing, 'keys.from.signing'),
      sharing: await readSource(from.sharing, 'keys.from.sharing'),
      tls: await readSource(from.tls, 'keys.from.tls'),
      laterTls: [],
    };
  const files = openKeyFiles(folder, await readPassphrase(storage));
  const laterTls: string[] = [];
  const signing = await files.read('signing.key');
  for (const name of (await readdir(folder)).filter((file) => LATER_TLS_KEY.test(file)).sort())
    laterTls.push(await files.read(name));
  return { signing, sharing: await files.read('sharing.key'), tls: await files.read('tls.key'), laterTls };
}

/** Another TLS key, on the disk once this returns: a certificate that is asked for is of no use without it. */
export async function addTlsKey(stateDirectory: string, storage: KeyStorage): Promise<KeyObject> {
  const key = createTlsKey();
  const files = openKeyFiles(toFolder(stateDirectory), await readPassphrase(storage));
  files.write(toFileName(key), toPem(key));
  return key;
}

/** Removes the TLS keys that were made after the first one, but for `kept`. */
export async function removeTlsKeys(stateDirectory: string, kept: KeyObject): Promise<void> {
  const folder = toFolder(stateDirectory);
  for (const name of (await readdir(folder)).filter((file) => LATER_TLS_KEY.test(file)))
    if (name !== toFileName(kept)) await rm(join(folder, name), { force: true });
}

/** Encrypts the key files with the configured passphrase, and returns how many were not. Safe to repeat. */
export async function sealSiteKeys(stateDirectory: string, storage: KeyStorage): Promise<number> {
  const passphrase = await readPassphrase(storage);
  refuseUnless(passphrase !== undefined, 'CONFIG_INVALID', 'keys.passphrase is not set');
  const folder = toFolder(stateDirectory);
  const files = openKeyFiles(folder, passphrase);
  let sealed = 0;
  for (const name of (await readdir(folder)).filter((file) => file.endsWith('.key')))
    if (await files.seal(name)) sealed++;
  return sealed;
}

function toFolder(stateDirectory: string): string {
  return join(stateDirectory, 'keys');
}

function createTlsKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
}

function toPem(key: KeyObject): string {
  return key.export({ format: 'pem', type: 'pkcs8' }).toString();
}

function toFileName(key: KeyObject): string {
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return `tls-${createHash('sha256').update(spki).digest('hex').slice(0, 16)}.key`;
}

/**
 * What the operator needs to let the site in: its public keys, and proof that it holds the TLS key. `certificate` (PEM) is the one
 * that an authority elsewhere issued for that key.
 */
export async function createSiteRequest(
  keys: SiteKeys,
  name: SiteName,
  certificate?: string,
): Promise<SiteRequest> {
  const { federation, site } = name;
  const csr = await createCertificateRequest(keys.tlsKey, name);
  const request = { format: 'blindsum-site-request/v1', federation, ...keys.member(site), csr } as const;
  return certificate === undefined ? request : { ...request, certificate };
}

/** A PKCS#10 request in PEM. */
export async function createCertificateRequest(key: KeyObject, { site }: SiteName): Promise<string> {
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: `CN=${site}`,
    keys: await importTlsKeys(key),
    signingAlgorithm: TLS_ALGORITHM,
  });
  return request.toString('pem');
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
