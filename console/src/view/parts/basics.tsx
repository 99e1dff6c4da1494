// Small things that every page is made of.
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Problem } from '../../api/api.ts';
import type { Tone } from '../../model/words.ts';

const MARKS: Readonly<Record<Tone, string>> = {
  good: '●',
  busy: '◐',
  wait: '○',
  warn: '▲',
  bad: '■',
  quiet: '–',
};

/** A word with its colour and a mark of its own shape: neither is needed to read it. */
export function Badge({ word, tone, title }: { word: string; tone: Tone; title?: string }): JSX.Element {
  return (
    <span class={`badge ${tone}`} title={title}>
      <span class="mark" aria-hidden="true">
        {MARKS[tone]}
      </span>
      {word}
    </span>
  );
}

interface PageProps {
  readonly title: string;
  readonly lead?: ComponentChildren;
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** True once a page was shown: whoever has just come has gone nowhere yet. */
let isMoved = false;

/** A page with its heading, which gets the focus when one goes to it: whoever does not see the page hears where it begins. */
export function Page({ title, lead, actions, children }: PageProps): JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Blindsum`;
    if (isMoved) heading.current?.focus({ preventScroll: true });
    isMoved = true;
  }, [title]);
  return (
    <>
      <header class="page-head">
        <div>
          <h1 tabIndex={-1} ref={heading}>
            {title}
          </h1>
          {lead !== undefined && <p class="lead">{lead}</p>}
        </div>
        {actions !== undefined && <div class="actions">{actions}</div>}
      </header>
      {children}
    </>
  );
}

interface PanelProps {
  readonly title: string;
  readonly aside?: ComponentChildren;
  readonly class?: string;
  readonly children: ComponentChildren;
}

export function Panel({ title, aside, class: more = '', children }: PanelProps): JSX.Element {
  const id = `panel-${title.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`;
  return (
    <section class={`panel ${more}`} aria-labelledby={id}>
      <div class="panel-head">
        <h2 id={id}>{title}</h2>
        {aside !== undefined && <div class="aside">{aside}</div>}
      </div>
      {children}
    </section>
  );
}

export function Empty({ children }: { children: ComponentChildren }): JSX.Element {
  return <p class="empty">{children}</p>;
}

/** What went wrong, and what to do. */
export function ProblemNote({ problem }: { problem: Problem }): JSX.Element {
  return (
    <div class="note bad" role="alert">
      <p>
        <strong>{problem.detail}</strong> <code>{problem.code}</code>
      </p>
      <p>{problem.hint}</p>
    </div>
  );
}

/** Names and values. */
export function Facts({ facts }: { facts: readonly (readonly [string, ComponentChildren])[] }): JSX.Element {
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Progress as a bar; what it says stands beside it. */
export function Meter({
  value,
  label,
  tone = 'busy',
}: {
  value: number;
  label: string;
  tone?: Tone;
}): JSX.Element {
  const percent = Math.round(value * 100);
  return (
    <div
      class={`meter ${tone}`}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
    >
      <div style={{ width: `${percent}%` }} />
    </div>
  );
}

/** A digest, of which the first digits are shown and the whole is there to copy. */
export function Hash({ value }: { value: string }): JSX.Element {
  return (
    <code class="hash" title={value}>
      {value.length > 20 ? `${value.slice(0, 16)}…` : value}
    </code>
  );
}
