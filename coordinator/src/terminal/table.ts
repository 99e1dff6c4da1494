// Tables for people: columns as wide as what is in them, numbers to the right.

export interface Column {
  readonly head: string;
  readonly align?: 'left' | 'right';
}

const GAP = '  ';
/** Narrower than this, a column says nothing. */
const LEAST_WIDTH = 10;

/** The lines of a table; without rows, none. Cells go on in the next line where it would be wider than `width`. */
export function toTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width = Infinity,
): string[] {
  if (rows.length === 0) return [];
  const cells = [columns.map(({ head }) => head), ...rows.map((row) => row.map(toCell))];
  const widest = columns.map((_, i) => Math.max(...cells.map((row) => row[i]?.length ?? 0)));
  const widths = toWidths(widest, width - GAP.length * (columns.length - 1));
  return cells.flatMap((row) => {
    const folded = widths.map((most, i) => fold(row[i] ?? '', most));
    const lines = Math.max(...folded.map(({ length }) => length));
    return Array.from({ length: lines }, (_, line) =>
      columns
        .map(({ align }, i) => pad(folded[i]?.[line] ?? '', widths[i] ?? 0, align))
        .join(GAP)
        .trimEnd(),
    );
  });
}

/** Takes from whichever column is the widest until all of them have room, or say nothing any more. */
function toWidths(widest: readonly number[], room: number): number[] {
  const widths = [...widest];
  const sum = () => widths.reduce((total, each) => total + each, 0);
  while (sum() > room) {
    const most = Math.max(...widths);
    if (most <= LEAST_WIDTH) break;
    widths[widths.lastIndexOf(most)] = most - 1;
  }
  return widths;
}

/** Parts of at most `width` characters, broken at spaces where there are some. */
function fold(text: string, width: number): string[] {
  const parts: string[] = [];
  let rest = text;
  while (rest.length > width) {
    const space = rest.lastIndexOf(' ', width);
    parts.push(rest.slice(0, space > 0 ? space : width));
    rest = rest.slice(space > 0 ? space + 1 : width);
  }
  return [...parts, rest];
}

function pad(text: string, width: number, align: Column['align'] = 'left'): string {
  return align === 'right' ? text.padStart(width) : text.padEnd(width);
}

/** What others wrote does not move the cursor of a terminal. */
export function toCell(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
}

/** Milliseconds since 1970, in UTC; a dash for none. */
export function toTime(milliseconds: number | null): string {
  return milliseconds === null ? '-' : new Date(milliseconds).toISOString().slice(0, 16).replace('T', ' ');
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** Three digits and a unit. */
export function toBytes(bytes: number): string {
  const step = Math.min(UNITS.length - 1, bytes < 1024 ? 0 : Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** step;
  return `${step === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[step]}`;
}
