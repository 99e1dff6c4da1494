// A line chart of one metric over the rounds, as SVG.
import { html, type Markup } from './html.ts';

export interface Curve {
  readonly title: string;
  readonly points: readonly { readonly round: number; readonly value: number }[];
  /** Horizontal lines to compare with. */
  readonly levels: readonly { readonly label: string; readonly value: number; readonly style: string }[];
  readonly digits: number;
}

const WIDTH = 520;
const HEIGHT = 260;
const PLOT = { left: 46, right: 400, top: 16, bottom: 222 };
/** Labels closer than this would overlap. */
const LABEL_GAP = 15;

/** The chart; empty when there are no points. */
export function drawCurve(curve: Curve): Markup {
  const { title, points, levels } = curve;
  if (points.length === 0) return html`<p class="quiet">No round was published.</p>`;
  const scale = createScale(curve);
  const path = points.map(
    ({ round, value }, i) => `${i === 0 ? 'M' : 'L'}${scale.x(round)} ${scale.y(value)}`,
  );
  const [first, last] = [points[0]!, points.at(-1)!];
  const area = `${path.join('')}L${scale.x(last.round)} ${PLOT.bottom}L${scale.x(first.round)} ${PLOT.bottom}Z`;
  const spread = spreadLabels(
    [
      { label: `federated ${last.value.toFixed(curve.digits)}`, value: last.value, style: 'own' },
      ...levels.map((level) => ({ ...level, label: `${level.label} ${level.value.toFixed(curve.digits)}` })),
    ],
    scale,
  );
  return html`<svg class="curve" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title} per round">
    ${scale.ticks.map((tick) => drawTick(tick, scale, curve.digits))}
    ${points.map(({ round }) => drawRound(round, points.length, scale))}
    <text class="axis" x="${(PLOT.left + PLOT.right) / 2}" y="${HEIGHT - 4}" text-anchor="middle">round</text>
    ${levels.map(({ value, style }) => drawLevel(value, style, scale))}
    <path class="area" d="${area}" />
    <path class="line" d="${path.join('')}" />
    ${points.map((point) => drawPoint(point, scale, curve.digits))}
    ${spread.map(({ label, y, style }) => html`<text class="label ${style}" x="${PLOT.right + 10}" y="${y + 4}">${label}</text>`)}
  </svg>`;
}

interface Scale {
  readonly x: (round: number) => number;
  readonly y: (value: number) => number;
  readonly ticks: readonly number[];
}

function createScale({ points, levels }: Curve): Scale {
  const values = [...points, ...levels].map(({ value }) => value);
  const step = toStep((Math.max(...values) - Math.min(...values)) / 4);
  const low = Math.floor(Math.min(...values) / step) * step;
  const high = Math.max(low + step, Math.ceil(Math.max(...values) / step) * step);
  const [first, last] = [points[0]!.round, points.at(-1)!.round];
  const rounds = Math.max(1, last - first);
  const count = Math.round((high - low) / step);
  return {
    x: (round) => rounded(PLOT.left + ((round - first) / rounds) * (PLOT.right - PLOT.left)),
    y: (value) => rounded(PLOT.bottom - ((value - low) / (high - low)) * (PLOT.bottom - PLOT.top)),
    ticks: Array.from({ length: count + 1 }, (_, i) => low + i * step),
  };
}

/** The 1, 2 or 5 times a power of ten that is not below `least`. */
function toStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(least, 1e-4)));
  return power * ([1, 2, 5].find((factor) => factor * power >= least) ?? 10);
}

function drawTick(value: number, scale: Scale, digits: number): Markup {
  const y = scale.y(value);
  return html`<line class="grid" x1="${PLOT.left}" x2="${PLOT.right}" y1="${y}" y2="${y}" />
    <text class="axis" x="${PLOT.left - 8}" y="${y + 4}" text-anchor="end"
      >${value.toFixed(Math.min(digits, 2))}</text
    >`;
}

function drawRound(round: number, count: number, scale: Scale): Markup {
  const every = Math.ceil(count / 12);
  if (round % every !== 0) return html``;
  return html`<text class="axis" x="${scale.x(round)}" y="${PLOT.bottom + 18}" text-anchor="middle"
    >${round}</text
  >`;
}

function drawLevel(value: number, style: string, scale: Scale): Markup {
  const y = scale.y(value);
  return html`<line class="level ${style}" x1="${PLOT.left}" x2="${PLOT.right}" y1="${y}" y2="${y}" />`;
}

function drawPoint({ round, value }: Curve['points'][number], scale: Scale, digits: number): Markup {
  const place = round === 0 ? 'before training' : `after round ${round}`;
  return html`<circle class="point" cx="${scale.x(round)}" cy="${scale.y(value)}" r="3.5"
    ><title>${place}: ${value.toFixed(digits)}</title></circle
  >`;
}

interface Label {
  readonly label: string;
  readonly value: number;
  readonly style: string;
}

/** Labels from top to bottom, pushed apart and kept inside the plot. */
function spreadLabels(labels: readonly Label[], scale: Scale): (Label & { readonly y: number })[] {
  const sorted = labels.map((label) => ({ ...label, y: scale.y(label.value) })).sort((a, b) => a.y - b.y);
  sorted.forEach((label, i) => {
    if (i > 0) label.y = Math.max(label.y, sorted[i - 1]!.y + LABEL_GAP);
  });
  const overflow = Math.max(0, (sorted.at(-1)?.y ?? 0) - PLOT.bottom);
  return sorted.map((label) => ({ ...label, y: rounded(label.y - overflow) }));
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
