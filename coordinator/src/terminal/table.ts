// Tables for people: columns as wide as what is in them, numbers to the right.

export interface Column {
  readonly head: string;
  readonly align?: 'left' | 'right';
}

const GAP = '  ';

/** The lines of a table; without rows, none. */
export function toTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const shown = rows.map((row) => row.map(toCell));
  const widths = columns.map(({ head }, i) =>
    Math.max(head.length, ...shown.map((row) => row[i]?.length ?? 0)),
  );
  const toLine = (cells: readonly string[]) =>
    columns
      .map(({ align }, i) => pad(cells[i] ?? '', widths[i] ?? 0, align))
      .join(GAP)
      .trimEnd();
  return [toLine(columns.map(({ head }) => head)), ...shown.map(toLine)];
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
