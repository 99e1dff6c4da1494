// What the verification page finds in files, without its browser.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { Bytes } from '@blindsum/proto';
import { createWebCryptoCheck } from '@blindsum/proto/tlog';
import type { CheckId } from '../../page/src/check.ts';
import { parseDropped, roleOf, toEvidence, type Dropped } from '../../page/src/evidence.ts';
import type { ModelFile } from '../../page/src/model-check.ts';
import { parseTrust, type TrustTexts } from '../../page/src/trust.ts';
import { verifyAll } from '../../page/src/verification.ts';
import type { SampleFile } from './sample-files.ts';

const check = createWebCryptoCheck(globalThis.crypto.subtle);

/** The report on these files under this trust; `failed` names what failed, with its code. */
export async function verifyFiles(files: readonly Bytes[], texts: TrustTexts, model?: SampleFile) {
  const trust = parseTrust(texts);
  const evidence = toEvidence(files.map(dropFile), trust.recordKey);
  assert.ok(evidence);
  const report = await verifyAll({ evidence, trust, ...(model && { model: toModel(model) }) }, check);
  const of = (id: CheckId) => report.checks.find((one) => one.id === id)!;
  const failed = report.checks.flatMap((one) => (one.status === 'failed' ? [`${one.id} ${one.code}`] : []));
  return { ...report, of, failed };
}

/** The file as the page takes it. */
export function dropFile(bytes: Bytes): Dropped {
  const role = roleOf(bytes);
  return role === 'model' ? { role } : parseDropped(role, bytes);
}

function toModel({ name, bytes }: SampleFile): ModelFile {
  const digestUnder = (domain: string) =>
    new Uint8Array(createHash('sha256').update(domain).update(bytes).digest());
  return { name, fileDigest: digestUnder(''), modelDigest: digestUnder('blindsum/v1/model') };
}
