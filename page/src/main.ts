// The page: files and keys in, a report out. Nothing is sent anywhere; the policy of the page forbids it.
import { Refusal } from '@blindsum/proto';
import { createWebCryptoCheck, type CheckSignatureLater } from '@blindsum/proto/tlog';
import { readAddress, toFragment } from './address.ts';
import { toSentence } from './check.ts';
import { toEvidence } from './evidence.ts';
import { openSubtle } from './platform.ts';
import { readFile, type ReadFile } from './read-file.ts';
import { parseTrust } from './trust.ts';
import { verifyAll } from './verification.ts';
import { viewFile } from './view/file-view.ts';
import { viewNothing, viewProblem, viewReport } from './view/report-view.ts';

const part = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const fields = {
  logKey: part<HTMLTextAreaElement>('log-key'),
  recordKey: part<HTMLTextAreaElement>('record-key'),
  policy: part<HTMLTextAreaElement>('policy'),
};

const KEYS_IN_ADDRESS =
  'These keys were in the address of this page. Rely on them only if it is your own bookmark, or comes from somebody you trust.';
const RELY_ON_FILE =
  'Rely on it only if you have that file from somebody you trust, and not with the record.';
const TRUST_IN_FILES = {
  policy: `The witness policy, with the keys in it, came from a file. ${RELY_ON_FILE}`,
  'log-key': `The key of the log came from a file. ${RELY_ON_FILE}`,
} as const;

/** Trust that nobody typed must not go unseen. */
function warn(text: string): void {
  part('warning').textContent = text;
  part('warning').hidden = false;
}

function rememberKeys(): void {
  const keys = { logKey: fields.logKey.value, recordKey: fields.recordKey.value };
  history.replaceState(null, '', `${location.pathname}${location.search}${toFragment(keys)}`);
}

/** Checks again whenever a file or a key changes; of several checks under way the latest is shown. */
class Page {
  readonly #subtle: SubtleCrypto;
  readonly #check: CheckSignatureLater;
  #files: readonly ReadFile[] = [];
  #run = 0;

  constructor(subtle: SubtleCrypto) {
    this.#subtle = subtle;
    this.#check = createWebCryptoCheck(subtle);
  }

  start(): void {
    const picker = part<HTMLInputElement>('picker');
    picker.addEventListener('change', () => {
      void this.#take([...(picker.files ?? [])]).then(() => (picker.value = ''));
    });
    for (const field of Object.values(fields)) field.addEventListener('input', () => this.#retype());
    window.addEventListener('hashchange', () => this.#readAddress());
    this.#listenForDrops();
    this.#readAddress();
  }

  #listenForDrops(): void {
    const zone = part('drop');
    const mark = (isOver: boolean) => zone.classList.toggle('over', isOver);
    // Anywhere on the page: a file that misses the zone would otherwise be opened in its place.
    document.addEventListener('dragover', (event) => {
      event.preventDefault();
      mark(true);
    });
    document.addEventListener('dragleave', (event) => mark(event.relatedTarget !== null));
    document.addEventListener('drop', (event) => {
      event.preventDefault();
      mark(false);
      void this.#take([...(event.dataTransfer?.files ?? [])]);
    });
  }

  #readAddress(): void {
    const { logKey, recordKey } = readAddress(location.hash);
    if (logKey !== '') fields.logKey.value = logKey;
    if (recordKey !== '') fields.recordKey.value = recordKey;
    if (logKey !== '' || recordKey !== '') warn(KEYS_IN_ADDRESS);
    void this.#show();
  }

  #retype(): void {
    part('warning').hidden = true;
    rememberKeys();
    void this.#show();
  }

  async #take(files: readonly File[]): Promise<void> {
    const read = await Promise.all(files.map((file) => readFile(file, this.#subtle)));
    for (const { dropped } of read) {
      if (dropped?.role === 'policy') fields.policy.value = dropped.text;
      if (dropped?.role === 'log-key') fields.logKey.value = dropped.text;
      if (dropped?.role === 'policy' || dropped?.role === 'log-key') warn(TRUST_IN_FILES[dropped.role]);
    }
    rememberKeys();
    const isKept = ({ model, name }: ReadFile) =>
      !read.some((one) => one.name === name || (one.model !== undefined && model !== undefined));
    // One model at a time, and a file of the same name is the same file again.
    this.#files = [...this.#files.filter(isKept), ...read];
    if (fields.policy.value !== '') part<HTMLDetailsElement>('policy-part').open = true;
    void this.#show();
  }

  async #show(): Promise<void> {
    const run = ++this.#run;
    const rows = this.#files.map((file) =>
      viewFile(file, () => {
        this.#files = this.#files.filter((one) => one !== file);
        void this.#show();
      }),
    );
    part('files').replaceChildren(...rows);
    const report = await this.#report();
    if (run !== this.#run) return;
    part('result').replaceChildren(...report);
    const headline = part('result').querySelector('.headline');
    part('announced').textContent = headline?.textContent ?? '';
    part('again').hidden = headline === null;
  }

  async #report(): Promise<Node[]> {
    const unread = this.#files.find(({ problem }) => problem);
    if (unread?.problem)
      return viewProblem(`Not verified: ${unread.name} cannot be read`, unread.problem.detail);
    try {
      const texts = {
        logKey: fields.logKey.value,
        recordKey: fields.recordKey.value,
        policy: fields.policy.value,
      };
      const trust = parseTrust(texts);
      const dropped = this.#files.flatMap((file) => file.dropped ?? []);
      const evidence = toEvidence(dropped, trust.recordKey);
      const model = this.#files.find((file) => file.model)?.model;
      if (!evidence) return viewNothing();
      const report = await verifyAll({ evidence, trust, ...(model && { model }) }, this.#check);
      return viewReport(report, Date.now());
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return viewProblem('Not verified: something cannot be read', toSentence(error.detail));
    }
  }
}

async function main(): Promise<void> {
  const platform = await openSubtle();
  part('loading').remove();
  if ('subtle' in platform) {
    part('page').hidden = false;
    new Page(platform.subtle).start();
    part('print').addEventListener('click', () => window.print());
  } else {
    part('result').replaceChildren(...viewProblem('This browser cannot check signatures', platform.missing));
  }
}

void main();
