// How far each site's upload to the current round has come.
import type { CurrentRound, RoundDocument, UploadProgress } from './documents.ts';
import { toBytes, toNumberText } from './format.ts';
import { awaitedWord, leftOutWord } from './words.ts';

/** The latest ciphertext upload of each site. */
export type Uploads = ReadonlyMap<string, UploadProgress>;

/** An older round's or attempt's progress changes nothing, and what was told of the whole length stays known. */
export function withProgress(uploads: Uploads, progress: UploadProgress): Uploads {
  if (progress.kind !== 'ciphertext') return uploads;
  const before = uploads.get(progress.site);
  if (before && isBefore(progress, before)) return uploads;
  const isSame = before?.round === progress.round && before.attempt === progress.attempt;
  const ofBytes = Math.max(progress.ofBytes, isSame ? before.ofBytes : 0);
  const bytes = Math.max(progress.bytes, isSame ? before.bytes : 0);
  return new Map(uploads).set(progress.site, { ...progress, bytes, ofBytes });
}

function isBefore(a: UploadProgress, b: UploadProgress): boolean {
  return a.round < b.round || (a.round === b.round && a.attempt < b.attempt);
}

export type Standing = 'in' | 'uploading' | 'awaited' | 'out';

export interface SiteProgress {
  readonly site: string;
  readonly standing: Standing;
  /** 0..1; undefined where the length is not known. */
  readonly fraction: number | undefined;
  readonly text: string;
}

type Shown = Pick<RoundDocument, 'round' | 'attempt' | 'phase' | 'contributors' | 'leftOut' | 'awaited'>;

/** Where each site of a round stands, in the order of `sites`. */
export function toSiteProgress(
  { round, attempt, phase, contributors, leftOut, awaited }: Shown,
  sites: readonly string[],
  uploads: Uploads,
): SiteProgress[] {
  const lengths = [...uploads.values()].filter((one) => one.round === round && one.attempt === attempt);
  const whole = Math.max(0, ...lengths.map(({ bytes, ofBytes }) => Math.max(bytes, ofBytes)));
  return sites.map((site): SiteProgress => {
    const upload = lengths.find((one) => one.site === site);
    const isIn = contributors.includes(site);
    const out = leftOut.find((finding) => finding.site === site);
    const bytes = upload?.bytes ?? 0;
    if (out && !isIn) return { site, standing: 'out', fraction: 0, text: leftOutWord(out.what) };
    const missing = awaited.find((finding) => finding.site === site);
    if (isIn) {
      const size = bytes > 0 ? toBytes(bytes) : '';
      const text = missing && phase !== 'collecting' ? `${awaitedWord(missing.what)} awaited` : '';
      return { site, standing: 'in', fraction: 1, text: [size, text].filter(Boolean).join(' · ') };
    }
    if (bytes > 0)
      return {
        ...{ site, standing: 'uploading', fraction: whole > 0 ? Math.min(1, bytes / whole) : undefined },
        text: whole > bytes ? `${toBytes(bytes)} of ${toBytes(whole)}` : toBytes(bytes),
      };
    return { site, standing: 'awaited', fraction: 0, text: 'no update yet' };
  });
}

const STANDINGS: readonly (readonly [Standing, string])[] = [
  ['in', 'in'],
  ['uploading', 'uploading'],
  ['awaited', 'awaited'],
  ['out', 'not in'],
];

/** "3 in, 1 uploading"; what there is none of is left out. */
export function toTally(progress: readonly SiteProgress[]): string {
  return STANDINGS.map(([standing, word]) => {
    const { length } = progress.filter((one) => one.standing === standing);
    return length > 0 ? `${toNumberText(length)} ${word}` : '';
  })
    .filter(Boolean)
    .join(', ');
}

const URGENCY: readonly Standing[] = ['uploading', 'awaited', 'out', 'in'];

/** Those that something is still to come of first, else as they were. */
export function byUrgency(progress: readonly SiteProgress[]): SiteProgress[] {
  return progress.toSorted((a, b) => URGENCY.indexOf(a.standing) - URGENCY.indexOf(b.standing));
}

/** Whether the page of a job shows uploads: while the current round has not ended. */
export function isUnderWay(current: CurrentRound | null): boolean {
  return current !== null && current.phase !== 'published' && current.phase !== 'failed';
}
