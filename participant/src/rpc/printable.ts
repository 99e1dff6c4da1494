// Text from the network on its way to a log or a terminal.

const MAX_LENGTH = 500;

/** The text on one line, without control and formatting characters, and cut to 500 characters. */
export function toPrintable(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  return line.length <= MAX_LENGTH ? line : `${line.slice(0, MAX_LENGTH)}…`;
}
