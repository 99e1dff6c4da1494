// Go's checksum-database code as a judge of our log, where Debian's packages for it are installed.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Where golang-golang-x-mod-dev puts its code. */
const GOPATH = '/usr/share/gocode';

/** Go's own library is compiled once for all runs. */
const CACHE = join(import.meta.dirname, '../../node_modules/.cache/go-build');

/** Why the program cannot be built here, in a sentence; false when it can. */
export const isGoAbsent: string | false = findAbsence();

/** What a run of the program said. */
export interface Verdict {
  readonly ok: boolean;
  readonly output: string;
}

/** Builds check-log.go; `check` runs it, `remove` deletes it. */
export async function buildCheckLog() {
  const folder = await mkdtemp(join(tmpdir(), 'blindsum-go-'));
  const program = join(folder, 'check-log');
  const source = join(import.meta.dirname, 'check-log.go');
  const env = { ...process.env, GO111MODULE: 'off', GOPATH, GOCACHE: CACHE, GOFLAGS: '' };
  await run(findGo()!, ['build', '-o', program, source], { env });
  return {
    check: (...args: string[]): Promise<Verdict> =>
      run(program, args).then(
        ({ stdout }) => ({ ok: true, output: stdout.trim() }),
        (error: { stderr?: string }) => ({ ok: false, output: error.stderr?.trim() ?? '' }),
      ),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

function findAbsence(): string | false {
  if (!findGo()) return "Go is not installed (Debian's golang-go)";
  if (!existsSync(join(GOPATH, 'src/golang.org/x/mod/sumdb/tlog')))
    return "golang.org/x/mod is not installed (Debian's golang-golang-x-mod-dev)";
  return false;
}

function findGo(): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin'];
  return folders.map((folder) => join(folder, 'go')).find((path) => existsSync(path));
}
