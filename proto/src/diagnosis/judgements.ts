// From what was measured to what is said about it. Pure: whoever measures is elsewhere (proto/node/diagnosis).
import { fails, passes, warns, type Finding } from './finding.ts';

/** Where clocks differ by more, people who read times are misled. */
const CLOCK_WARN_MS = 5_000;
/** Where they differ by more, certificates that were just issued may not be valid yet, and deadlines are told wrongly. */
const CLOCK_FAIL_MS = 60_000;

export interface ClockComparison {
  /** Our time less theirs, in milliseconds. */
  readonly offsetMs: number;
  /** By how much that may be wrong either way. */
  readonly uncertaintyMs: number;
  /** Whose clock theirs is. */
  readonly against: string;
}

export function judgeClock({ offsetMs, uncertaintyMs, against }: ClockComparison): Finding {
  const seconds = (milliseconds: number) => (milliseconds / 1000).toFixed(1);
  const direction = offsetMs < 0 ? 'behind' : 'ahead of';
  const found = `${seconds(Math.abs(offsetMs))} s ${direction} ${against} (give or take ${seconds(uncertaintyMs)} s)`;
  const certainMs = Math.abs(offsetMs) - uncertaintyMs;
  const advice = 'have the system keep its clock (timedatectl set-ntp true); then see whose clock was wrong';
  if (certainMs > CLOCK_FAIL_MS) return fails('clock', found, advice);
  return certainMs > CLOCK_WARN_MS ? warns('clock', found, advice) : passes('clock', found);
}

export interface Room {
  readonly check: string;
  readonly freeBytes: number;
  /** With less, something stops. */
  readonly least: { readonly bytes: number; readonly why: string };
  /** With less, something may stop. */
  readonly enough: { readonly bytes: number; readonly why: string };
  readonly advice: string;
}

export function judgeRoom({ check, freeBytes, least, enough, advice }: Room): Finding {
  const free = `${toGibibytes(freeBytes)} free`;
  if (freeBytes < least.bytes) return fails(check, `${free}, less than ${least.why}`, advice);
  return freeBytes < enough.bytes
    ? warns(check, `${free}, less than ${enough.why}`, advice)
    : passes(check, free);
}

/** For people. */
export function toGibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(bytes < 2 ** 30 ? 2 : 0)} GiB`;
}

export interface CertificateLife {
  readonly check: string;
  /** Milliseconds since 1970. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly nowMs: number;
  /** What to do when it has ended, or is about to. */
  readonly advice: string;
}

/** One with less than a fifth of its life left should have been renewed. */
export function judgeCertificate({
  check,
  notBeforeMs,
  notAfterMs,
  nowMs,
  advice,
}: CertificateLife): Finding {
  const day = (milliseconds: number) => new Date(milliseconds).toISOString().slice(0, 16).replace('T', ' ');
  if (nowMs < notBeforeMs)
    return fails(
      check,
      `valid from ${day(notBeforeMs)} on, and here it is ${day(nowMs)}`,
      'the clock of this machine is wrong: set it (timedatectl set-ntp true)',
    );
  if (nowMs >= notAfterMs) return fails(check, `expired on ${day(notAfterMs)}`, advice);
  const isLate = nowMs >= notAfterMs - (notAfterMs - notBeforeMs) / 5;
  const found = `valid until ${day(notAfterMs)}`;
  return isLate ? warns(check, `${found}: not renewed in time`, advice) : passes(check, found);
}

export interface Ownership {
  readonly path: string;
  readonly kind: 'key' | 'folder';
  readonly mode: number;
  readonly uid: number;
  /** Of this process. */
  readonly ownUid: number;
}

/** Keys and state are for one user alone. */
export function judgeOwnership(check: string, { path, kind, mode, uid, ownUid }: Ownership): Finding {
  const rights = (mode & 0o777).toString(8).padStart(4, '0');
  const right = kind === 'key' ? '600' : '700';
  if (uid !== ownUid && ownUid !== 0)
    return fails(
      check,
      `${path} belongs to user ${uid}, and this is user ${ownUid}`,
      `run this as that user, or chown ${path}`,
    );
  if ((mode & 0o077) !== 0)
    return fails(check, `${path} is open to others (${rights})`, `chmod ${right} ${path}`);
  return passes(check, `${path}, for its owner alone (${rights})`);
}

/** `least` is two numbers: major and minor. */
export function judgeNode(version: string, least: readonly [number, number]): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isEnough = major > least[0] || (major === least[0] && minor >= least[1]);
  return isEnough
    ? passes('node', version)
    : fails('node', version, `this program needs Node ${least.join('.')} or later; scripts/setup brings one`);
}

/** Two programs of one federation: `found` names the other. */
export function judgeVersions(own: string, other: string, whose: string): Finding {
  const check = 'versions';
  if (other === '') return passes(check, `${own} here; ${whose} does not say its own`);
  if (own === other) return passes(check, `${own} here and at ${whose}`);
  return warns(
    check,
    `${own} here, ${other} at ${whose}`,
    'bring both to one version; CHANGELOG.md says whether they understand each other until then',
  );
}

/** What came of listening at an address: `free`, or the system's error. */
export function judgePort(setting: string, address: string, outcome: string): Finding {
  const port = address.slice(address.lastIndexOf(':') + 1);
  switch (outcome) {
    case 'free':
      return passes(setting, `${address} is free`);
    case 'EADDRINUSE':
      return fails(
        setting,
        `${address} is taken by another program`,
        `find it (ss -ltnp 'sport = :${port}') and stop it, or set ${setting} to another port`,
      );
    case 'EACCES':
      return fails(
        setting,
        `this user may not listen on ${address}`,
        `set ${setting} to a port above 1023, or give the service CAP_NET_BIND_SERVICE`,
      );
    case 'EADDRNOTAVAIL':
      return fails(
        setting,
        `${address} is no address of this machine`,
        `set ${setting} to one of its addresses (ip addr), or to 0.0.0.0:${port}`,
      );
    default:
      return fails(
        setting,
        `cannot listen on ${address} (${outcome})`,
        `set ${setting} to an address of this machine`,
      );
  }
}
