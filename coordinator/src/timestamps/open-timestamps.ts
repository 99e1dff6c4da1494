// Timestamps as the configuration asks for them.
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import { Refusal } from '@blindsum/proto';
import type { Config } from '../config.ts';
import type { Metrics } from '../metrics.ts';
import type { Clock } from '../ports.ts';
import type { State } from '../state.ts';
import { createTimestampAuthority } from './timestamp-authority.ts';
import { TimestampDriver } from './timestamp-driver.ts';

const HOUR_MS = 3_600_000;

export interface TimestampSurroundings {
  readonly state: Pick<State, 'log' | 'logFiles'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, 'timestamped'>;
}

/** Undefined where none are configured. Refuses CONFIG_INVALID for a file that holds no certificate. */
export async function openTimestamps(
  { log: { origin }, timestamps }: Pick<Config, 'log' | 'timestamps'>,
  { state, clock, log, metrics }: TimestampSurroundings,
): Promise<TimestampDriver | undefined> {
  if (!timestamps) return undefined;
  const authority = createTimestampAuthority(timestamps.url, await readAuthorities(timestamps.caFile));
  return TimestampDriver.open({
    log: state.log,
    files: state.logFiles,
    ...{ origin, authority, clock, everyMs: timestamps.everyHours * HOUR_MS },
    report(failure) {
      metrics.timestamped(failure ? 'failed' : 'ok');
      if (failure) log.warn({ event: 'log.timestamp-failed', reason: failure.message });
      else log.info({ event: 'log.timestamped' });
    },
  });
}

/** The certificates of a PEM file; refuses CONFIG_INVALID. */
export async function readAuthorities(file: string): Promise<X509Certificate[]> {
  try {
    const pem = await readFile(file, 'utf8');
    const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
    if (blocks.length === 0) throw new Error('no certificate in it');
    return blocks.map((block) => new X509Certificate(block));
  } catch (cause) {
    throw new Refusal('CONFIG_INVALID', `timestamps.caFile: ${file} holds no certificate that can be read`, {
      cause,
    });
  }
}
