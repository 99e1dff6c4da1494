// At start, before anything is signed: a state that is older than what others hold of its log is not served.
import type { Logger } from 'pino';
import { verifyMirrors } from '../backup/verify-mirrors.ts';
import type { Config } from '../config.ts';
import { verifyWitnesses } from './verify-witnesses.ts';

/** Refuses BAD_CHECKPOINT as verifyMirrors and verifyWitnesses do. */
export async function verifyNotOld(config: Config, log: Logger): Promise<void> {
  await verifyMirrors(config, (mirror, reason) =>
    log.warn({ event: 'log.mirror-unreadable', mirror, reason }),
  );
  await verifyWitnesses(config, (witness, reason) =>
    log.warn({ event: 'log.witness-unreadable', witness, reason }),
  );
}
