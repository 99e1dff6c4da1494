// The tables of docs/commands.md, from the programs themselves.
import { toCommandTree, type CommandTree } from '@blindsum/proto/command-line';
import { createProgram as createAuditor } from '../auditor/src/main.ts';
import { createProgram as createCoordinator } from '../coordinator/src/main.ts';
import { createProgram as createSite } from '../participant/src/main.ts';

const BEGIN = '<!-- commands: made by scripts/generate-commands -->';
const END = '<!-- end of commands -->';

/** A page with its tables made anew. Throws if it has no place for them. */
export function withCommandTables(page: string): string {
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from < 0 || to < from) throw new Error('the page has no place for the commands');
  return `${page.slice(0, from)}${BEGIN}\n\n${tables()}\n${page.slice(to)}`;
}

function tables(): string {
  const programs = [createCoordinator(), createSite(), createAuditor()].map(toCommandTree);
  return programs.map((program) => `### ${program.name}\n\n${tableOf(program)}\n`).join('\n');
}

function tableOf(program: CommandTree): string {
  const rows = program.commands.flatMap((command) => rowsOf(command, ''));
  return ['| command | what it does | options |', '|---|---|---|', ...rows].join('\n');
}

/** A group of commands has rows for these only. */
function rowsOf(command: CommandTree, before: string): string[] {
  const name = `${before}${command.name}`;
  if (command.commands.length > 0) return command.commands.flatMap((inner) => rowsOf(inner, `${name} `));
  const call = [name, ...command.arguments].join(' ');
  const options = command.options.map(
    ({ flags, value }) => `\`${[flags.at(-1), value].filter(Boolean).join(' ')}\``,
  );
  const also = command.aliases.length === 0 ? '' : ` (or \`${before}${command.aliases.join('`, `')}\`)`;
  return [`| \`${call}\`${also} | ${escape(command.description)} | ${options.join(', ')} |`];
}

function escape(text: string): string {
  return text.replaceAll('|', '\\|');
}
