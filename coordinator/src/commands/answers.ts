// What the coordinator answers, as lines for people.
import type { components } from '@blindsum/admin-client';

type Schemas = components['schemas'];
export type Status = Schemas['Overview'];
type Job = Schemas['Job'];
type CurrentRound = NonNullable<Job['current']>;

/** Sites that one line names. */
const MAX_NAMED = 5;

/** The status as lines for people. */
export function describeStatus(status: Status): string[] {
  const { federation, version, log, timestamps, disk, certificate, sites, jobs } = status;
  return [
    `federation ${federation}, coordinator ${version}, log ${log.origin} with ${log.size} records`,
    ...describeLog(log),
    ...describeDisk(disk),
    ...describeTimestamps(timestamps),
    ...(certificate.state === 'valid' ? [] : [`coordinator: ${describeCertificate(certificate)}`]),
    ...sites.map(describeSite),
    ...jobs.map(describeJob),
  ];
}

function describeLog({ stopped, cosignedSize, quorum, witnesses }: Status['log']): string[] {
  const asked = quorum.map(({ group, threshold, of }) => `${threshold} of ${of} ${group}`).join(' and ');
  return [
    ...(stopped === null ? [] : [`LOG STOPPED: nothing is signed any more (${stopped})`]),
    ...(asked === '' ? [] : [`log: the first ${cosignedSize} records are cosigned by a quorum (${asked})`]),
    ...witnesses
      .filter(({ state }) => state === 'failing')
      .map(
        ({ name, lag, reason }) =>
          `WITNESS ${name} FAILS: ${lag} records behind; it is asked again, and nothing else waits for it (${reason ?? ''})`,
      ),
  ];
}

function describeDisk({ state, freeBytes }: Status['disk']): string[] {
  switch (state) {
    case 'ok':
      return [];
    case 'low':
      return [`DISK LOW: ${freeBytes} bytes are free; uploads wait until there is room`];
    case 'full':
      return [`DISK FULL: ${freeBytes} bytes are free; nothing is lost, and all goes on once there is room`];
  }
}

function describeTimestamps(timestamps: Status['timestamps']): string[] {
  if (timestamps?.state !== 'failing') return [];
  const { latestMs, reason } = timestamps;
  const latest = latestMs === null ? 'there is none yet' : `the last one is of ${toDate(latestMs)}`;
  return [`TIMESTAMPS FAIL: ${latest}; it is asked again, and nothing else waits for it (${reason ?? ''})`];
}

function toDate(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 10);
}

function describeCertificate({ state, expiresMs }: Status['certificate']): string {
  const date = toDate(expiresMs);
  return state === 'expired' ? `CERTIFICATE EXPIRED on ${date}` : `certificate not renewed, ends on ${date}`;
}

function describeSite(status: Status['sites'][number]): string {
  const { site, online, backend, activity, certificate, revoked } = status;
  if (revoked) return `site ${site}: revoked on ${toDate(revoked.atMs)} (${revoked.reason})`;
  const warning = certificate.state === 'valid' ? '' : `; ${describeCertificate(certificate)}`;
  const doing = [backend, activity].filter((word) => word !== '').join(', ');
  return `site ${site}: ${online ? 'online' : 'offline'}${doing === '' ? '' : ` (${doing})`}${warning}`;
}

/** A job in one line for people. */
export function describeJob({ trainingRounds, current, roster, failure, withdrawn, ...job }: Job): string {
  const at = current ? `, ${describeRound(current, trainingRounds)}` : '';
  const left = withdrawn.length === 0 ? '' : `, without ${withdrawn.join(', ')} (withdrawn)`;
  const keeps =
    roster.waits === null ? '' : `; keeps roster version ${roster.version}, because ${roster.waits}`;
  return `job ${job.job}: ${describeState(job)}${at}${left}${keeps}${failure === null ? '' : `: ${failure}`}`;
}

function describeState({ state, queuePosition }: Pick<Job, 'state' | 'queuePosition'>): string {
  switch (state) {
    case 'queued':
      return `queued, number ${queuePosition} in the queue`;
    case 'pausing':
      return 'pausing once its round has ended';
    default:
      return state;
  }
}

/** The first of those that a round waits for, with what it waits for; nothing if it does not wait. */
export function namedAwaited(awaited: CurrentRound['awaited']): string {
  if (awaited.length === 0) return '';
  const named = awaited.slice(0, MAX_NAMED).map(({ site, what }) => `${site} (${what})`);
  const others = awaited.length > MAX_NAMED ? ` and ${awaited.length - MAX_NAMED} more` : '';
  return `waits for ${named.join(', ')}${others}`;
}

function describeRound(current: CurrentRound, trainingRounds: number): string {
  const { round, attempt, phase, sitesIn, awaited, isCarried } = current;
  const waits = awaited.length === 0 ? '' : `, ${namedAwaited(awaited)}`;
  const carried = isCarried ? '; overdue: shares of this set were opened, so that it cannot be replaced' : '';
  return `round ${round} of 0 to ${trainingRounds + 1}, attempt ${attempt}: ${phase}, ${sitesIn} sites in${waits}${carried}`;
}
