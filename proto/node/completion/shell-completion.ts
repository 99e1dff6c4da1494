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

/** What may stand after an option with fixed values: the places with it, by what it offers. */
function choicesOf(places: readonly Place[]): Map<string, string[]> {
  const fixed = places.flatMap(({ path, options }) =>
    options
      .filter(({ choices }) => choices.length > 0)
      .flatMap(({ flags, choices }) =>
        flags.map((flag) => ({ at: `${path}:${flag}`, words: choices.join(' ') })),
      ),
  );
  const byWords = Map.groupBy(fixed, ({ words }) => words);
  return new Map([...byWords].map(([words, places]) => [words, places.map(({ at }) => at)]));
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
  case "$place:$before" in
${[...choicesOf(places)].map(([words, at]) => `    ${at.map(quote).join('|')}) COMPREPLY=($(compgen -W ${quote(words)} -- "$current")); return ;;`).join('\n')}
    ${takingValues(places)
      .map((flag) => `*:${flag}`)
      .join('|')}) COMPREPLY=($(compgen -f -- "$current")); return ;;
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
  const places = placesOf(program);
  const at = `_${functionName(program)}_at`;
  const lines = places.flatMap(({ path, options, commands }) => {
    const here = `-n ${quote(`${at} ${path}`.trim())}`;
    const named = commands.flatMap(({ name, aliases, description }) =>
      [name, ...aliases].map((word) => `-a ${word} -d ${quote(description)}`),
    );
    return [
      ...named.map((what) => `complete -c ${program.name} ${here} -f ${what}`),
      ...options.map((option) => toFishOption(program.name, here, option)),
    ];
  });
  return `# fish completion of ${program.name}: ${program.name} completion fish | source
function ${at}
  set -l place
  for word in (commandline -opc | tail -n +2)
    switch (string join -- ' ' $place $word)
      case ${places.map(({ path }) => quote(path)).join(' ')}
        set -a place $word
    end
  end
  test "$place" = "$argv"
end
complete -c ${program.name} -l help -d 'what it does, and its options'
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
