// A program's commands as data: what completions and the documentation are made from.

export interface CommandTree {
  readonly name: string;
  readonly description: string;
  readonly aliases: readonly string[];
  /** As they are typed: `--json`, `-c`. */
  readonly options: readonly OptionNode[];
  /** As the help shows them: `<job>`. */
  readonly arguments: readonly string[];
  readonly commands: readonly CommandTree[];
}

export interface OptionNode {
  readonly flags: readonly string[];
  /** As the help shows it; undefined for a flag that takes none. */
  readonly value: string | undefined;
  readonly choices: readonly string[];
  readonly description: string;
}

/** What is used of a `Command` of commander. */
export interface CommandLike {
  name(): string;
  description(): string;
  aliases(): readonly string[];
  readonly commands: readonly CommandLike[];
  readonly options: readonly {
    readonly short?: string | undefined;
    readonly long?: string | undefined;
    readonly flags: string;
    readonly description: string;
    readonly argChoices?: readonly string[] | undefined;
  }[];
  readonly registeredArguments: readonly {
    name(): string;
    readonly required: boolean;
    readonly variadic: boolean;
  }[];
}

export function toCommandTree(command: CommandLike): CommandTree {
  return {
    name: command.name(),
    description: command.description(),
    aliases: command.aliases(),
    options: command.options.map(({ short, long, flags, description, argChoices = [] }) => ({
      flags: [short, long].filter((flag) => flag !== undefined),
      value: /[<[].*[>\]]/.exec(flags)?.[0],
      choices: argChoices,
      description,
    })),
    arguments: command.registeredArguments.map((argument) => {
      const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
      return argument.required ? `<${name}>` : `[${name}]`;
    }),
    commands: command.commands.map(toCommandTree),
  };
}
