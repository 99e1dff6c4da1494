// Spreads the rows of one CSV file over several sites, unevenly by size and by label, and holds some of each site's rows out.
import { SeededRandom } from '../../participant/src/data/seeded-random.ts';
import type { Dataset, SiteShare } from './datasets.ts';

/** Share of each site's rows, class by class, that is held out. */
export const HOLDOUT_FRACTION = 0.2;

/** A file without quoted line breaks or commas, as the example data is. */
export interface CsvLines {
  readonly header: string;
  readonly rows: readonly string[];
  /** Of each row: 1 for the positive label. */
  readonly labels: readonly (0 | 1)[];
}

/** Row numbers of one site, ascending. */
export interface SiteRows {
  readonly site: string;
  readonly training: readonly number[];
  readonly holdout: readonly number[];
}

/** Cuts a file into lines; throws an Error when it has no column `label.column`. */
export function readLines(text: string, label: { column: string; positive: string }): CsvLines {
  const [header = '', ...rows] = text.split('\n').filter((line) => line !== '');
  const column = header.split(',').indexOf(label.column);
  if (column < 0) throw new Error(`the data has no column ${label.column}`);
  const labels = rows.map((row) => (row.split(',')[column] === label.positive ? 1 : 0));
  return { header, rows, labels };
}

/** The rows of each site: every row at exactly one site. The same data and seed give the same split. */
export function splitRows(
  { labels }: Pick<CsvLines, 'labels'>,
  { sites, seed }: Pick<Dataset, 'sites' | 'seed'>,
): SiteRows[] {
  const random = new SeededRandom(seed);
  const positives = deal(shuffledRows(labels, 1, random), sites, ({ positives }) => positives);
  const negatives = deal(shuffledRows(labels, 0, random), sites, ({ negatives }) => negatives);
  return sites.map(({ site }, i) => {
    const classes = [positives[i]!, negatives[i]!].map(holdOut);
    return {
      site,
      training: ascending(classes.flatMap(({ training }) => training)),
      holdout: ascending(classes.flatMap(({ holdout }) => holdout)),
    };
  });
}

/** The chosen rows as a CSV file. */
export function toCsv({ header, rows }: CsvLines, chosen: readonly number[]): string {
  return `${[header, ...chosen.map((row) => rows[row]!)].join('\n')}\n`;
}

function shuffledRows(labels: CsvLines['labels'], label: 0 | 1, random: SeededRandom): number[] {
  const rows = Uint32Array.from(labels.keys()).filter((row) => labels[row] === label);
  random.shuffle(rows);
  return [...rows];
}

/** Deals `rows` in order; the last site gets what is left, so that rounding loses none. */
function deal(
  rows: readonly number[],
  sites: readonly SiteShare[],
  share: (site: SiteShare) => number,
): number[][] {
  let taken = 0;
  return sites.map((site, i) => {
    const end = i === sites.length - 1 ? rows.length : taken + Math.round(share(site) * rows.length);
    return rows.slice(taken, (taken = end));
  });
}

function holdOut(rows: readonly number[]): { training: readonly number[]; holdout: readonly number[] } {
  const held = Math.round(rows.length * HOLDOUT_FRACTION);
  return { training: rows.slice(held), holdout: rows.slice(0, held) };
}

function ascending(rows: readonly number[]): number[] {
  return [...rows].sort((a, b) => a - b);
}
