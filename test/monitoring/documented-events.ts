// The tables of docs/events.md: which events there are, and what each line of one says it is about.
import { readFileSync } from 'node:fs';

/** What a line of a round is about. */
const SUBJECTS = ['job', 'round', 'attempt', 'site'] as const;
export type Subject = (typeof SUBJECTS)[number];

/** Of each event below a heading, the subjects among its fields. */
export function documentedEvents(heading: string): Map<string, readonly Subject[]> {
  const manual = readFileSync(new URL('../../docs/events.md', import.meta.url), 'utf8');
  const section = manual.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const rows = section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').map((cell) => cell.trim()));
  return new Map(
    rows.flatMap(([, names = '', , fields = '']) => {
      const named = fields.split(', ');
      const subjects = SUBJECTS.filter((subject) => named.includes(subject));
      return [...names.matchAll(/`([a-z.-]+)`/g)].map(([, name]) => [name!, subjects] as const);
    }),
  );
}
