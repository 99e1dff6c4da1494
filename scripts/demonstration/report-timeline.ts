// The phases of every round on one time axis, as SVG.
import { html, type Markup } from './html.ts';
import { secondsPerPhase, type Outcome, type RoundOutcome } from './outcome.ts';

const WIDTH = 1040;
const ROW = 20;
const LEFT = 120;
const RIGHT = 16;

/** What happens in each phase, for people. */
const MEANINGS: Readonly<Record<string, string>> = {
  collecting: 'sites train, encrypt and upload',
  sealed: 'the set of contributors is fixed, sites acknowledge it',
  summed: 'ciphertexts are added, sites check that nobody is missing',
  opening: 'sites open the sum together and attest the result',
};

/** The chart with its legend. */
export function drawTimeline(outcome: Outcome): Markup {
  const { rounds } = outcome;
  const ends = rounds.flatMap(({ phases }) => phases.map(({ endMs }) => endMs));
  const total = Math.max(1, ...ends);
  const height = rounds.length * ROW + 28;
  const toX = (ms: number) => Math.round((LEFT + (ms / total) * (WIDTH - LEFT - RIGHT)) * 10) / 10;
  return html`<svg
      class="timeline"
      viewBox="0 0 ${WIDTH} ${height}"
      role="img"
      aria-label="Phases of every round"
    >
      ${toSeconds(total).map((second) => drawSecond(second, toX(second * 1000), height))}
      ${rounds.map((round, i) => drawRow(round, i * ROW, toX))}
    </svg>
    <ul class="legend">
      ${[...secondsPerPhase(outcome)].map(([phase, seconds]) => drawLegend(phase, seconds))}
    </ul>`;
}

function drawRow(round: RoundOutcome, top: number, toX: (ms: number) => number): Markup {
  return html`<text class="axis" x="${LEFT - 12}" y="${top + 14}" text-anchor="end">${toName(round)}</text>
    ${round.phases.map(({ phase, startMs, endMs }) => {
      const [from, to] = [toX(startMs), toX(endMs)];
      const width = Math.max(1, Math.round((to - from) * 10) / 10);
      return html`<rect
        class="phase ${phase}"
        x="${from}"
        y="${top + 3}"
        width="${width}"
        height="${ROW - 6}"
        rx="2"
        ><title>${toName(round)}, ${phase}: ${((endMs - startMs) / 1000).toFixed(2)} s</title></rect
      >`;
    })}`;
}

function drawSecond(second: number, x: number, height: number): Markup {
  return html`<line class="grid" x1="${x}" x2="${x}" y1="0" y2="${height - 22}" />
    <text class="axis" x="${x}" y="${height - 6}" text-anchor="middle">${second} s</text>`;
}

function drawLegend(phase: string, seconds: number): Markup {
  return html`<li>
    <i class="phase ${phase}"></i><b>${phase}</b> ${seconds.toFixed(1)} s
    <span class="quiet">${MEANINGS[phase] ?? ''}</span>
  </li>`;
}

function toName({ kind, round, attempt }: RoundOutcome): string {
  const name = kind === 'training' ? `round ${round}` : kind;
  return attempt > 1 ? `${name}, again` : name;
}

/** Round numbers of seconds, about ten of them. */
function toSeconds(totalMs: number): number[] {
  const least = totalMs / 1000 / 10;
  const step = [1, 2, 5, 10, 20, 30, 60].find((candidate) => candidate >= least) ?? 120;
  return Array.from({ length: Math.floor(totalMs / 1000 / step) + 1 }, (_, i) => i * step);
}
