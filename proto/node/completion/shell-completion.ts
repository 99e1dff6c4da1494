// Completion scripts for shells, made from a program's commands. They hold every word themselves: nothing is run while somebody types.
import { Refusal } from '../../src/refusal.ts';
import { toCommandTree, type CommandLike, type CommandTree, type OptionNode } from './command-tree.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

export interface Wanted {
  readonly shell: string | undefined;
  readonly json: boolean | undefined;
}

/** What `completion` prints: the script for a shell, or the commands as JSON. Refuses CONFIG_INVALID for both and for neither. */
export function completionFor(program: CommandLike, { shell, json = false }: Wanted): string {
  const tree = toCommandTree(program);
  if (json === (shell !== undefined))
    throw new Refusal('CONFIG_INVALID', `completion: give one of ${SHELLS.join(', ')}, or --json alone`);
  return shell === undefined ? `${JSON.stringify(tree)}\n` : toCompletion(tree, shell);
}

/** The script that `source <(program completion bash)` reads. Refuses CONFIG_INVALID for another shell. */
export function toCompletion(program: CommandTree, shell: string): string {
  const known = SHELLS.find((name) => name === shell);
  if (known === undefined)
    throw new Refusal('CONFIG_INVALID', `completion is for ${SHELLS.join(', ')}, not for ${shell}`);
  return { bash: toBash, zsh: toZsh, fish: toFish }[known](program);
}

/** Every place in the tree with the words that may stand there: `keys` has `keys create` below it. */
interface Place {
  readonly path: string;
  readonly words: readonly string[];
  readonly options: readonly OptionNode[];
  readonly commands: readonly CommandTree[];
}

function placesOf(tree: CommandTree, path = ''): Place[] {
  const flags = tree.options.flatMap((option) => option.flags);
  const names = tree.commands.flatMap(({ name, aliases }) => [name, ...aliases]);
  const own = { path, words: [...names, ...flags, '--help'], options: tree.options, commands: tree.commands };
  const below = tree.commands.flatMap((command) =>
    [command.name, ...command.aliases].flatMap((name) =>
      placesOf(command, path === '' ? name : `${path} ${name}`),
    ),
  );
  return [own, ...below];
}

function functionName({ name }: CommandTree): string {
  return `_${name.replaceAll('-', '_')}`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Options with fixed values, by their flag. */
function choicesOf(places: readonly Place[]): Map<string, readonly string[]> {
  const options = places.flatMap((place) => place.options).filter(({ choices }) => choices.length > 0);
  return new Map(options.flatMap(({ flags, choices }) => flags.map((flag) => [flag, choices] as const)));
}

/** Flags after which a file or another word follows. */
function takingValues(places: readonly Place[]): string[] {
  const options = places.flatMap((place) => place.options).filter(({ value }) => value !== undefined);
  return [...new Set(options.flatMap(({ flags }) => flags))];
}

function toBash(program: CommandTree): string {
  const places = placesOf(program);
  const name = functionName(program);
  const known = places.map(({ path }) => quote(path)).join('|');
  return `# bash completion of ${program.name}: source <(${program.name} completion bash)
${name}() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} place= word words= i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case "\${place:+$place }$word" in
      ${known}) place="\${place:+$place }$word" ;;
    esac
  done
  case "$before" in
${[...choicesOf(places)].map(([flag, choices]) => `    ${flag}) COMPREPLY=($(compgen -W ${quote(choices.join(' '))} -- "$current")); return ;;`).join('\n')}
    ${takingValues(places).join('|')}) COMPREPLY=($(compgen -f -- "$current")); return ;;
  esac
  case "$place" in
${places.map(({ path, words }) => `    ${quote(path)}) words=${quote(words.join(' '))} ;;`).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  if [ \${#COMPREPLY[@]} -eq 0 ]; then COMPREPLY=($(compgen -f -- "$current")); fi
}
complete -o filenames -F ${name} ${program.name}
`;
}

/** zsh runs the completion of bash, whose words are the same. */
function toZsh(program: CommandTree): string {
  return `#compdef ${program.name}
# zsh completion of ${program.name}: source <(${program.name} completion zsh)
autoload -U +X compinit && compinit -u
autoload -U +X bashcompinit && bashcompinit
${toBash(program)}`;
}

function toFish(program: CommandTree): string {
  const lines = placesOf(program).flatMap(({ path, options, commands }) => {
    const depth = path === '' ? 0 : path.split(' ').length;
    const here = `-n ${quote(`__${program.name.replaceAll('-', '_')}_at ${depth} ${path}`.trim())}`;
    return [
      ...commands.map(
        ({ name, description }) =>
          `complete -c ${program.name} ${here} -f -a ${name} -d ${quote(description)}`,
      ),
      ...options.map((option) => toFishOption(program.name, here, option)),
    ];
  });
  return `# fish completion of ${program.name}: ${program.name} completion fish | source
function __${program.name.replaceAll('-', '_')}_at
  set -l words (commandline -opc | string match -v -- '-*')
  test (count $words) -gt $argv[1]; or return 1
  test "$words[2..(math $argv[1] + 1)]" = "$argv[2..]"; or test $argv[1] -eq 0 -a (count $words) -eq 1
end
${lines.join('\n')}
`;
}

function toFishOption(
  program: string,
  here: string,
  { flags, value, choices, description }: OptionNode,
): string {
  const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  const values = choices.length > 0 ? ` -x -a ${quote(choices.join(' '))}` : value === undefined ? '' : ' -r';
  return `complete -c ${program} ${here} ${names.join(' ')}${values} -d ${quote(description)}`;
}
