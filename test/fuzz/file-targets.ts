// Files and texts that a coordinator or a site reads: certificates, configuration, rows, backups.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseJobId, utf8, type Digest, type SiteId } from '@blindsum/proto';
import { parseYaml } from '@blindsum/proto/node';
import { encodeBackupManifest, parseBackupManifest } from '../../coordinator/src/backup/backup-manifest.ts';
import { loadConfig as loadCoordinatorConfig } from '../../coordinator/src/config.ts';
import { createSiteRequest } from '../../coordinator/src/federation.fixture.ts';
import { createAuthorityKey, openAuthority } from '../../coordinator/src/identity/authority.ts';
import { parseCertificates } from '../../coordinator/src/identity/certificate-chain.ts';
import { openCertificateRequest } from '../../coordinator/src/identity/certificate-request.ts';
import { parseAttemptFolder, parseBlobFile } from '../../coordinator/src/storage/blob-path.ts';
import { loadConfig as loadSiteConfig } from '../../participant/src/config.ts';
import { readCsv } from '../../participant/src/data/csv-source.ts';
import { parseCredentials, parseProxy, proxyFromEnvironment } from '../../participant/src/network/proxy.ts';
import { TEST_JOB } from '../fixtures/federation.ts';
import { bytesTarget, textTarget, yamlTarget, type FuzzTarget } from './fuzz-target.ts';

const ROOT = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'bs-fuzz-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const sample = (name: string) => readFileSync(join(ROOT, 'deploy/samples', name), 'utf8');

const { request } = await createSiteRequest('hospital-a');
const authority = await openAuthority('x.example', await createAuthorityKey('x.example', Date.now()));
const certificate = await authority.issueSiteCertificate('hospital-a' as SiteId, request, Date.now());

/** A parser that reads a file: the input is written to one first. */
export function fileTarget(
  name: string,
  seeds: readonly string[],
  read: (path: string) => Promise<unknown>,
): FuzzTarget {
  const path = join(folder, name);
  const parse = async (input: Uint8Array): Promise<unknown> => {
    await writeFile(path, input, { mode: 0o600 });
    return read(path);
  };
  return bytesTarget(name, seeds.map(utf8), parse, 0.1);
}

const answering = (target: FuzzTarget): FuzzTarget => ({ ...target, refuses: false });

const BACKUP = {
  ...{ federation: 'x.example', origin: 'x.example', createdMs: 1, coordinatorVersion: '0.1.0' },
  log: { size: 1, root: 'ab'.repeat(32) as Digest },
  files: [{ path: 'blobs/job/1-1/a.sum', bytes: 3, sha256: 'ab'.repeat(32) as Digest }],
};

const ROWS = 'age,dose,ward,outcome\n61,0.5,north,1\n42,1.25,south,0\n"50",2,"north",1\n';
const job = parseJobId('test-job');

export const FILE_TARGETS: readonly FuzzTarget[] = [
  textTarget('certificate-request', [request.csr], openCertificateRequest, 0.1),
  textTarget('certificates', [certificate, certificate + authority.certificate], (text) =>
    parseCertificates(text, 'x'),
  ),
  yamlTarget(
    textTarget(
      'yaml',
      [sample('site.yaml').slice(0, 3000), 'a: &x [1, 2]\nb: *x\n'],
      (text) => parseYaml(text, 'x.yaml'),
      0.1,
    ),
  ),
  yamlTarget(
    fileTarget(
      'coordinator.yaml',
      [sample('coordinator.yaml').replaceAll(/^ *#.*\n/gm, '')],
      loadCoordinatorConfig,
    ),
  ),
  yamlTarget(fileTarget('site.yaml', [sample('site.yaml').replaceAll(/^ *#.*\n/gm, '')], loadSiteConfig)),
  fileTarget('rows.csv', [ROWS], (path) => readCsv(path, TEST_JOB.data as never, 'any')),
  bytesTarget('backup-manifest', [encodeBackupManifest(BACKUP)], parseBackupManifest),
  answering(textTarget('blob-folder', ['1-1', '12-3'], (text) => parseAttemptFolder(job, text))),
  answering(
    textTarget('blob-file', ['hospital-a.ciphertext', 'hospital-a.shares'], (text) =>
      parseBlobFile({ job, round: 1, attempt: 1 }, text),
    ),
  ),
  textTarget('proxy', ['http://user:word@proxy.example:3128'], (text) => parseProxy(text, 'proxy')),
  textTarget('proxy-credentials', ['user:word\n'], (text) => parseCredentials(text, 'file')),
  answering(
    textTarget('no-proxy', ['localhost,.example,10.0.0.0/8,fd00::/8'], (text) =>
      proxyFromEnvironment({ https_proxy: 'http://p:1', no_proxy: text }, '10.1.2.3'),
    ),
  ),
];
