// How far long work has come, on one line of a terminal that is written over.

/** What is needed of a stream, such as process.stderr. */
export interface Terminal {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export interface ProgressLine {
  /** Shows `done` of `total` parts of what is called `name`. */
  readonly show: (name: string, done: number, total: number) => void;
  /** Takes the line away. */
  readonly clear: () => void;
}

const ERASE_LINE = '\r\u001b[2K';

/** Writes only to a terminal, and only when the percentage changes. */
export function createProgressLine(terminal: Terminal): ProgressLine {
  let shown = '';
  const write = (text: string): void => {
    if (terminal.isTTY !== true || text === shown) return;
    terminal.write(`${ERASE_LINE}${text}`);
    shown = text;
  };
  return {
    show: (name, done, total) => write(`checking ${name}: ${Math.floor((100 * done) / total)} %`),
    clear: () => write(''),
  };
}
