// What the tests of deploy/ have in common: the files, and where the images put them.
import { readFileSync, accessSync, constants } from 'node:fs';
import { join } from 'node:path';

/** Root of the checkout. */
export const ROOT = join(import.meta.dirname, '../..');

/** Text of a file below deploy/. */
export function readDeployed(path: string): string {
  return readFileSync(join(ROOT, 'deploy', path), 'utf8');
}

/** The file of the checkout that a path of an installation is, where programs are in `folder`. Throws unless it is executable. */
export function programOf(path: string, folder: string): string {
  if (!path.startsWith(`${folder}/`)) throw new Error(`${path} is not in ${folder}`);
  const file = join(ROOT, path.slice(folder.length));
  accessSync(file, constants.X_OK);
  return file;
}
