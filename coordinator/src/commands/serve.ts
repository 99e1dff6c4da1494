// `blindsum-coordinator serve`: runs until it is told to stop.
import { pino, destination, type Logger } from 'pino';
import { REDACTED, trustAuthorityFile } from '@blindsum/proto/node';
import { startTracing, traceFields } from '@blindsum/proto/tracing';
import { loadConfig } from '../config.ts';
import { startCoordinator, type Coordinator } from '../coordinator.ts';
import { VERSION } from '../version.ts';
import type { Output } from './operator.ts';
import { writeSecretFile } from './secret-file.ts';

const EXIT_CRASHED = 1;

export interface ServeOptions {
  /** A new file for the first operator's key, at the first start; it is printed without. */
  readonly bootstrapKeyFile: string | undefined;
  /** Hears of an error that ends the process, after the log. */
  readonly crashed: (error: unknown) => void;
}

/** Serves until SIGTERM or SIGINT. An error that only a restart recovers from ends the process with status 1. */
export async function serve(
  configPath: string,
  { bootstrapKeyFile, crashed }: ServeOptions,
  output: Output,
): Promise<void> {
  const config = await loadConfig(configPath);
  if (config.trustedCaFile !== undefined) await trustAuthorityFile(config.trustedCaFile, 'trustedCaFile');
  // Written before the call returns: the last line before a crash is the one that matters.
  const lines = destination({ dest: 2, sync: true });
  // A line that cannot be written, to a file on a full disk for example, is lost: that is no reason to stop.
  lines.on('error', () => {});
  const mixin = traceFields(config.federation);
  const log = pino({ level: config.logging.level, base: null, redact: REDACTED, mixin }, lines);
  let isStopping = false;
  const crash = (error: unknown): void => {
    // What stopping interrupts is taken up again at the next start.
    if (isStopping) return;
    log.fatal({ event: 'coordinator.crashed', err: error });
    crashed(error);
    process.exit(EXIT_CRASHED);
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
  const tracing = await startTracing({
    config: config.tracing,
    ...{ service: 'blindsum-coordinator', version: VERSION, instance: config.federation },
    failed: (reason) => log.warn({ event: 'tracing.export-failed', reason }),
  });
  const coordinator = await startCoordinator(config, { clock: { nowMs: () => Date.now() }, log, crash });
  const firstKey = await handOver(coordinator.bootstrapKey, bootstrapKeyFile);
  if (!output.json && firstKey !== null && 'credential' in firstKey)
    output.print(
      `blindsum-coordinator: the first operator's API key, shown this once: ${firstKey.credential}`,
    );
  // Listened for before anybody is told: whoever reads that it is ready may stop it at once.
  const stopped = untilSignal(log);
  announce(config.federation, coordinator, { firstKey, output, log });
  await stopped;
  isStopping = true;
  await coordinator.stop();
  await tracing.close();
  log.info({ event: 'coordinator.stopped' });
}

/** Null but for the first start. */
type FirstKey = { readonly credential: string } | { readonly file: string } | null;

/** The first operator's key, which nobody can learn again, is shown, or in a file: not in the log, which many read and which is kept. */
async function handOver(credential: string | undefined, file: string | undefined): Promise<FirstKey> {
  if (credential === undefined) return null;
  if (file === undefined) return { credential };
  await writeSecretFile(file, credential);
  return { file };
}

interface Announcement {
  readonly firstKey: FirstKey;
  readonly output: Output;
  readonly log: Logger;
}

function announce(
  federation: string,
  coordinator: Coordinator,
  { firstKey, output, log }: Announcement,
): void {
  const { advertise, httpUrl, authorityFingerprint } = coordinator;
  const place = { version: VERSION, advertise, httpUrl, authorityFingerprint };
  log.info({ event: 'coordinator.ready', ...place });
  if (output.json) return output.print(JSON.stringify({ federation, ...place, firstKey }));
  output.print(
    `blindsum-coordinator: federation ${federation} ready; sites on ${advertise}, console on ${httpUrl}; ` +
      `authority SHA-256 ${authorityFingerprint}`,
  );
}

/** Resolves at the first signal; a second one ends the process at once. */
function untilSignal(log: Logger): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        log.info({ event: 'coordinator.stopping', signal });
        process.once('SIGTERM', () => process.exit(EXIT_CRASHED));
        process.once('SIGINT', () => process.exit(EXIT_CRASHED));
        resolve();
      });
    }
  });
}
