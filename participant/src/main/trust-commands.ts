// Whom this site takes part with, and the log that it follows.
import { InvalidArgumentError, type Command } from 'commander';
import { command, configOf, printOf, type Common } from './command.ts';

const loadLog = () => import('../commands/log.ts');
const loadReceipts = () => import('../commands/receipts.ts');
const loadRoster = () => import('../commands/roster.ts');

export function addRoster(program: Command): void {
  const roster = program
    .command('roster')
    .description('the members of the federation, and whom this site takes part with');
  command(roster, 'show', 'show the roster of this site, and what waits for its approval').action(
    async (options: Common) => (await loadRoster()).showRoster(await configOf(options), printOf(options)),
  );
  command(
    roster,
    'approve',
    'approve a roster whose fingerprints were compared; without arguments, one of listed members',
  )
    .argument('[version]', 'the version that roster show prints', parseVersion)
    .argument('[hash]', 'its hash, or the first 16 digits of that', '')
    .action(async (version: number | undefined, hash: string, options: Common) => {
      const { approveListed, approveRoster } = await loadRoster();
      const [config, print] = [await configOf(options), printOf(options)];
      await (version === undefined
        ? approveListed(config, print)
        : approveRoster(config, { version, hash }, print));
    });
  command(roster, 'refuse', 'tell the operator why this site does not approve a roster')
    .argument('<version>', 'the version that roster show prints', parseVersion)
    .argument('<hash>', 'its hash, or the first 16 digits of that')
    .requiredOption('--reason <text>', 'why, in one line')
    .action(async (version: number, hash: string, options: Common & { reason: string }) =>
      (await loadRoster()).refuseRoster(
        await configOf(options),
        { version, hash },
        options.reason,
        printOf(options),
      ),
    );
}

export function addLog(program: Command): void {
  const log = program.command('log').description('the transparency log that this site follows');
  command(log, 'show', 'show its key, the checkpoint that is kept, and what is wrong with it').action(
    async (options: Common) => (await loadLog()).showLog(await configOf(options), printOf(options)),
  );
  command(
    log,
    'reset',
    'after a log contradicted itself and a person has looked: forget it, and follow what is shown next',
  )
    .requiredOption('--reason <text>', 'why, in one line; it stays at this site')
    .option('--by <name>', 'who decides; the user of this machine by default')
    .action(async (options: Common & { reason: string; by?: string }) => {
      const { reason, by } = options;
      (await loadLog()).resetLog(await configOf(options), { reason, by }, printOf(options));
    });
  const receipts = program
    .command('receipts')
    .description('what became of everything that this site contributed, by its own files alone');
  command(receipts, 'list', 'the promises of the log, and which records have come').action(
    async (options: Common) => (await loadReceipts()).listReceipts(await configOf(options), printOf(options)),
  );
  command(
    receipts,
    'verify',
    'verify every promise, record and proof; ends with status 1 if one does not hold',
  )
    .option('--policy <file>', 'a tlog-policy (C2SP) whose witnesses must have cosigned')
    .action(async (options: Common & { policy?: string }) => {
      const { policy } = options;
      const print = printOf(options);
      process.exitCode = (await loadReceipts()).verifyReceipts(await configOf(options), { policy }, print);
    });
}

function parseVersion(text: string): number {
  const version = Number(text);
  if (!/^[0-9]{1,9}$/.test(text) || version < 1)
    throw new InvalidArgumentError('Expected a version, 1 or more.');
  return version;
}
