// Text from the network on its way to a log or a terminal.
import { toOneLine } from '@blindsum/proto/command-line';

const MAX_LENGTH = 500;

/** The text on one line, without control and formatting characters, and cut to 500 characters. */
export function toPrintable(text: string): string {
  const line = toOneLine(text);
  return line.length <= MAX_LENGTH ? line : `${line.slice(0, MAX_LENGTH)}…`;
}
