// Pages that belong together, as links: each has an address of its own.
import type { JSX } from 'preact';

interface Tab {
  readonly key: string;
  readonly word: string;
  readonly href: string;
}

export function Tabs({ label, tabs, at }: { label: string; tabs: readonly Tab[]; at: string }): JSX.Element {
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map(({ key, word, href }) => (
        <a key={key} href={href} aria-current={key === at ? 'page' : undefined}>
          {word}
        </a>
      ))}
    </nav>
  );
}
