// blindsum-audit witness: cosigns the checkpoints of logs, so that none of them can show different trees to different people.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { Refusal, refuseUnless } from '@blindsum/proto';
import { toSystemFault } from '@blindsum/proto/node';
import { encodeVkey, parseLogVkey, type NoteKey } from '@blindsum/proto/tlog';
import type { Command } from 'commander';
import { toExample } from '../commands/log-command.ts';
import { openSqliteWitnessStore } from './sqlite-witness-store.ts';
import { openCosigners } from './witness-keys.ts';
import { createWitnessServer } from './witness-server.ts';
import { createWitness } from './witness-service.ts';

interface WitnessCommandOptions {
  readonly state: string;
  readonly name: string;
  readonly log: readonly string[];
  readonly listen: string;
  readonly showKeys?: boolean;
  readonly json?: boolean;
}

/** Adds the command to the program. It serves until it gets SIGINT or SIGTERM. */
export function addWitnessCommand(program: Command): void {
  program
    .command('witness')
    .description(
      'cosign the checkpoints of logs over HTTP (C2SP tlog-witness), never one that goes back or forks',
    )
    .requiredOption('--state <folder>', 'where it remembers what it has seen; never restore an older copy')
    .requiredOption('--name <name>', 'name of the witness, such as witness.example.org/w1')
    .requiredOption(
      '--log <key>',
      'key of a log to cosign, or a file that holds it; may be repeated',
      collect,
    )
    .option('--listen <address>', 'host and port', '127.0.0.1:7490')
    .option('--show-keys', 'print the keys of the witness and end')
    .option('--json', 'print each line as JSON')
    .addHelpText(
      'after',
      toExample('witness --state /var/lib/witness --name witness.example.org/w1 --log log.vkey'),
    )
    .exitOverride()
    .action(run);
}

function collect(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value];
}

async function run({ state, name, log, listen, showKeys, json }: WitnessCommandOptions): Promise<void> {
  const { host, port } = parseAddress(listen);
  const logs = await Promise.all(log.map(readLogKey));
  const store = openSqliteWitnessStore(state);
  try {
    const cosigners = openCosigners(store, name);
    for (const { key } of cosigners) print({ key: encodeVkey(key) }, encodeVkey(key), json);
    if (showKeys) return;
    const witness = createWitness({
      store,
      cosigners,
      logs,
      nowSeconds: () => BigInt(Math.floor(Date.now() / 1000)),
    });
    const server = createWitnessServer(witness, (error) =>
      process.stderr.write(`blindsum-audit: ${String(error)}\n`),
    );
    server.listen(port, host);
    await once(server, 'listening').catch((cause: unknown) => {
      throw new Refusal('UNAVAILABLE', `cannot listen on ${listen}: ${toSystemFault(cause)}`, { cause });
    });
    const { address, port: bound } = server.address() as AddressInfo;
    const url = `http://${address.includes(':') ? `[${address}]` : address}:${bound}`;
    print({ listening: url }, `listening on ${url}`, json);
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
    server.close();
    server.closeAllConnections();
  } finally {
    store.close();
  }
}

function print(value: object, text: string, json = false): void {
  process.stdout.write(`${json ? JSON.stringify(value) : text}\n`);
}

function parseAddress(text: string): { host: string; port: number } {
  const [, host = '', port = ''] = /^(.+):([0-9]{1,5})$/.exec(text) ?? [];
  refuseUnless(host !== '' && Number(port) <= 65535, 'CONFIG_INVALID', `--listen: ${text} is no host:port`);
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) };
}

async function readLogKey(option: string): Promise<NoteKey> {
  if (/^[^+/]+(\/[^+]*)?\+[0-9a-f]{8}\+/.test(option)) return parseLogVkey(option);
  const text = await readFile(option, 'utf8').catch((cause: unknown) => {
    throw new Refusal('CONFIG_INVALID', `--log: ${option} is neither a key nor a file that can be read`, {
      cause,
    });
  });
  return parseLogVkey(text.trim());
}
