// Lines of a terminal that are drawn again in place.

export interface LiveLines {
  /** Replaces what was drawn before. */
  draw(lines: readonly string[]): void;
}

const UP_AND_CLEAR = (lines: number) => `\u001b[${lines}A\r\u001b[J`;

export function createLiveLines(write: (text: string) => void): LiveLines {
  let drawn = 0;
  return {
    draw(lines) {
      write(`${drawn === 0 ? '' : UP_AND_CLEAR(drawn)}${lines.map((line) => `${line}\n`).join('')}`);
      drawn = lines.length;
    },
  };
}
