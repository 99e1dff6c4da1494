// Text that others may have written, on its way to a terminal.

/** The text on one line, without characters that control a terminal or hide others. */
export function toOneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}
