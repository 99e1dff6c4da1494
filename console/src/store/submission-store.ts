// A job that is being written, signed and submitted. It stays while one looks at other pages, and goes with the tab.
import type { components } from '@blindsum/admin-client';
import { batch, computed, signal } from '@preact/signals';
import { parseSignedManifest, parseManifest, placeholderRoster, Refusal, utf8 } from '@blindsum/proto';
import { readYaml } from '@blindsum/proto/yaml';
import { answerOf, api, onceOnly, Problem } from '../api/api.ts';
import { openAuthor, type SigningAuthor } from '../api/author-signature.ts';
import { parseAuthorKey } from '../model/author-key.ts';
import { lineOf, pathAt, toLine } from '../model/document-lines.ts';
import type { RosterDocument } from '../model/documents.ts';
import { checkJobFile, toManifest, type Checked } from '../model/job-editor.ts';
import { settingAt, settingsUnder } from '../model/setting-table.ts';

/** Members that are assumed while there is no roster. */
const ASSUMED = 3;

export const text = signal('');
export const cursor = signal(0);
export const roster = signal<RosterDocument | undefined>(undefined);
export const author = signal<SigningAuthor | undefined>(undefined);
/** A file that its author has signed elsewhere. */
export const signedFile = signal<
  { readonly job: string; readonly by: string; readonly file: string } | undefined
>(undefined);
export const trouble = signal<string | undefined>(undefined);
export const problem = signal<Problem | undefined>(undefined);

export interface ShownProblem {
  readonly line: number;
  readonly place: string;
  readonly message: string;
}

/** The text as YAML: what is wrong with it stands at its line. */
const yaml = computed(() => readYaml(text.value));

const members = computed(() => roster.value?.adopted?.members.length ?? ASSUMED);

export const checked = computed((): Checked | undefined => {
  const { value, problems: mistakes } = yaml.value;
  if (text.value.trim() === '' || mistakes.length > 0) return undefined;
  return checkJobFile(value, rosterFor(federation.value));
});

export const federation = signal('federation.example');

function rosterFor(name: string) {
  return placeholderRoster(members.value, name);
}

export const problems = computed((): ShownProblem[] => {
  if (text.value.trim() === '') return [];
  const { root, problems: mistakes } = yaml.value;
  if (mistakes.length > 0)
    return mistakes.map(({ offset = 0, message }) => ({
      line: toLine(offset, text.value),
      place: 'YAML',
      message,
    }));
  if (checked.value?.kind !== 'wrong') return [];
  return checked.value.problems.map(({ path, message }) => ({
    line: lineOf(root, path, text.value),
    place: path.join('.'),
    message,
  }));
});

/** What the setting at the cursor means; several where the cursor is at what holds them. */
export const explained = computed(() => {
  const path = pathAt(yaml.value.root, cursor.value);
  const found = settingAt(path);
  if (found) return { title: found.path, settings: [found] };
  const under = path[0] === undefined ? [] : settingsUnder(path[0]);
  return under.length > 0 ? { title: path[0] ?? '', settings: under } : undefined;
});

export async function readRoster(): Promise<void> {
  try {
    roster.value = await answerOf(api.GET('/v1/roster'));
  } catch (error) {
    note(error);
  }
}

export async function openFile(file: File): Promise<void> {
  trouble.value = undefined;
  const content = await file.text();
  try {
    if (content.includes('"blindsum-signed-manifest/v1"')) openSigned(content);
    else if (content.includes('"blindsum-author-key/v1"'))
      trouble.value = 'That is a key file: choose it under “Sign”, once the job is written.';
    else text.value = content;
  } catch (error) {
    note(error);
  }
}

function openSigned(file: string): void {
  const manifest = parseManifest(parseSignedManifest(utf8(file)).manifest);
  signedFile.value = { job: manifest.job, by: manifest.author.name, file };
}

/** Reads a key into memory; refusals are shown. */
export async function openKey(file: File): Promise<void> {
  trouble.value = undefined;
  try {
    author.value = await openAuthor(parseAuthorKey(new Uint8Array(await file.arrayBuffer())));
  } catch (error) {
    note(error);
  }
}

/** Signs what is written; undefined where that is refused, which is shown. */
export async function sign(): Promise<string | undefined> {
  if (!author.value || checked.value?.kind !== 'right') return undefined;
  trouble.value = undefined;
  try {
    const manifest = toManifest(checked.value.file, rosterFor(federation.value), author.value.author);
    return await author.value.sign(manifest);
  } catch (error) {
    note(error);
    return undefined;
  }
}

/** Submits a signed file and returns the name of the job; undefined where that is refused, which is shown. */
export async function submit(file: string): Promise<string | undefined> {
  problem.value = undefined;
  try {
    // It was parsed when it was opened, or made here; the coordinator parses it again.
    const body = JSON.parse(file) as components['schemas']['SignedManifest'];
    const { job } = await answerOf(api.POST('/v1/jobs', { body, params: { header: onceOnly() } }));
    batch(() => {
      text.value = '';
      signedFile.value = undefined;
      author.value = undefined;
    });
    return job;
  } catch (error) {
    note(error);
    return undefined;
  }
}

function note(error: unknown): void {
  if (error instanceof Problem) problem.value = error;
  else if (error instanceof Refusal) trouble.value = error.detail;
  else throw error;
}
