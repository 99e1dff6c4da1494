// The commands of a job's author. `author keygen` and `author sign` need no coordinator: they run where the author is.
import { readFile, writeFile } from 'node:fs/promises';
import {
  authorFingerprint,
  encodeSignedManifest,
  parseManifest,
  refuseUnless,
  signManifest,
  type Author,
  type Manifest,
} from '@blindsum/proto';
import { createAuthorKey, loadAuthorKey, publicPath } from '../author/author-files.ts';
import type { Output } from './operator.ts';

/** Makes an author's key. */
export async function authorKeygen(
  { name, out }: { readonly name: string; readonly out: string },
  output: Output,
): Promise<void> {
  const author = await createAuthorKey(out, name);
  const fingerprint = authorFingerprint(author);
  if (output.json)
    output.print(JSON.stringify({ ...author, fingerprint, key: out, public: publicPath(out) }));
  else
    output.print(
      `${out} holds the key of ${author.name}: keep it; manifests are made with ${publicPath(out)}.\n` +
        `Read this fingerprint to the sites, for authors in their policies: ${fingerprint}`,
    );
}

/** Signs a manifest file after saying what it is; refuses CONFIG_INVALID one that names another author. */
export async function authorSign(
  { manifest: path, authorKey, out }: Record<'manifest' | 'authorKey' | 'out', string>,
  output: Output,
): Promise<void> {
  const signer = await loadAuthorKey(authorKey);
  const bytes = new Uint8Array(await readFile(path));
  const manifest = parseManifest(bytes);
  verifyNamed(manifest.author, signer.author);
  await writeFile(
    out,
    encodeSignedManifest({ manifest: bytes, signature: signManifest(bytes, signer.sign) }),
  );
  if (output.json) output.print(JSON.stringify({ job: manifest.job, signed: out }));
  else
    output.print(
      `${describeManifest(manifest)}\nSigned as ${signer.author.name}: give ${out} to the operator.`,
    );
}

function verifyNamed(named: Author, signer: Author): void {
  refuseUnless(
    named.key === signer.key && named.name === signer.name,
    'CONFIG_INVALID',
    `the manifest names ${named.name} (${authorFingerprint(named)}), the key is of ${signer.name} (${authorFingerprint(signer)})`,
  );
}

function describeManifest({ job, federation, model, rounds, data, strategy }: Manifest): string {
  const columns = [...data.features.map(({ column }) => column), data.label.column];
  return (
    `${job} of ${federation}: ${model.parameters} parameters, ${rounds} training rounds, clipped to ${strategy.clipNorm}, ` +
    `on the columns ${columns.join(', ')}`
  );
}
