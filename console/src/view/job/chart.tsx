// A chart of one group of curves: uPlot on a canvas, with the same numbers in a table for whoever cannot see it.
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { toMeasure, toRoundRange, type CurveGroup } from '../../model/curves.ts';
import { theme } from '../../theme.ts';

const HEIGHT = 210;
const COLOURS = ['--accent', '--phase-summed', '--phase-sealed', '--phase-opening'] as const;
const DASHES = [[], [6, 4], [2, 3], [8, 3, 2, 3]] as const;

export function Chart({ group }: { group: CurveGroup }): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | undefined>(undefined);
  const latest = useRef(group);
  const shape = `${theme.value} ${group.curves.map(({ measure }) => measure).join(' ')}`;
  useEffect(() => {
    const parent = place.current;
    if (!parent) return;
    const range = () => [...toRoundRange(latest.current)] as [number, number];
    const drawn = new uPlot(toOptions(group, { width: parent.clientWidth, range }), toData(group), parent);
    chart.current = drawn;
    const observer = new ResizeObserver(() => drawn.setSize({ width: parent.clientWidth, height: HEIGHT }));
    observer.observe(parent);
    return () => {
      observer.disconnect();
      drawn.destroy();
      chart.current = undefined;
    };
  }, [shape]);
  useEffect(() => {
    latest.current = group;
    chart.current?.setData(toData(group));
  }, [group]);
  return (
    <figure class="chart">
      <figcaption>
        <h3>{group.title}</h3>
        <ul class="legend">
          {group.curves.map(({ measure, label, last }, i) => (
            <li key={measure}>
              <svg viewBox="0 0 22 6" class={`line line-${i % COLOURS.length}`} aria-hidden="true">
                <path d="M0 3h22" />
              </svg>
              {label} <strong>{toMeasure(last)}</strong>
            </li>
          ))}
        </ul>
      </figcaption>
      <div ref={place} class="plot" aria-hidden="true" />
      <ChartTable group={group} />
    </figure>
  );
}

function ChartTable({ group: { rounds, curves, title } }: { group: CurveGroup }): JSX.Element {
  return (
    <table class="spoken">
      <caption>{title} by round</caption>
      <thead>
        <tr>
          <th scope="col">Round</th>
          {curves.map(({ measure, label }) => (
            <th scope="col" key={measure}>
              {label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rounds.map((round, i) => (
          <tr key={round}>
            <th scope="row">{round}</th>
            {curves.map(({ measure, values }) => (
              <td key={measure}>{toMeasure(values[i] ?? null)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function toData({ rounds, curves }: CurveGroup): uPlot.AlignedData {
  return [[...rounds], ...curves.map(({ values }) => [...values])];
}

interface Extent {
  readonly width: number;
  /** Of the rounds, asked for whenever the data change. */
  readonly range: () => [number, number];
}

function toOptions({ curves }: CurveGroup, { width, range }: Extent): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => resolveColour(style.getPropertyValue(name));
  const axis = {
    stroke: colour('--ink-soft'),
    font: `12px ${style.getPropertyValue('--font')}`,
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
  };
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false },
    scales: { x: { time: false, range } },
    axes: [
      {
        ...axis,
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
        label: 'Round',
        labelSize: 16,
        labelGap: 0,
        size: 26,
        gap: 2,
      },
      { ...axis, size: 56 },
    ],
    series: [
      { label: 'Round' },
      ...curves.map(({ label }, i) => ({
        label,
        stroke: colour(COLOURS[i % COLOURS.length] ?? COLOURS[0]),
        dash: [...(DASHES[i % DASHES.length] ?? [])],
        width: 2,
        spanGaps: true,
        points: { size: 5 },
      })),
    ],
  };
}

/** A canvas knows no `light-dark()`: an element says which of the two it is. */
function resolveColour(value: string): string {
  const probe = document.createElement('span');
  probe.style.color = value;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
