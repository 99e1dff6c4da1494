// Text that others may have written, on its way to a terminal.

/** What controls a terminal, ends a line or hides other characters. */
const CONTROLS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;

/** The text on one line, and nothing in it but what is read. */
export function toOneLine(text: string): string {
  return text.replaceAll(CONTROLS, ' ').trim();
}

/** The same with its lines, and how far each stands in. */
export function toPlainLines(text: string): string {
  return text
    .split('\n')
    .map((line) => line.replaceAll(CONTROLS, ' ').trimEnd())
    .join('\n');
}
