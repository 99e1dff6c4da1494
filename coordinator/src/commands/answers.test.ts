import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeStatus, type Status } from './answers.ts';

const DISK = { state: 'ok', freeBytes: 2 ** 40 };

const CERTIFICATE = { expiresMs: Date.UTC(2027, 0, 31), state: 'valid' };

interface Changes {
  readonly state?: string;
  readonly failure?: string;
  readonly withdrawn?: string[];
  readonly waits?: string;
  readonly disk?: object;
  readonly certificate?: object;
  readonly site?: object;
  readonly timestamps?: object;
  readonly log?: object;
}

function linesOf(current: object | null, changes: Changes = {}): string[] {
  const { state = 'running', failure = null, disk = DISK, certificate = CERTIFICATE } = changes;
  const { timestamps = null } = changes;
  const place = { queuePosition: null, trainingRounds: 10, current };
  const roster = { version: 2, waits: changes.waits ?? null };
  const job = { job: 'readmission', state, ...place, roster, failure, withdrawn: changes.withdrawn ?? [] };
  const silent = { site: 'north', online: false, version: '0.1.0', backend: '', activity: '' };
  const site = { ...silent, certificate: CERTIFICATE, revoked: null, ...changes.site };
  const watched = { stopped: null, cosignedSize: 0, quorum: [], witnesses: [] };
  const log = { origin: 'demo', size: 7, ...watched, ...changes.log };
  const about = { federation: 'demo', version: '0.1.0', certificate, log, timestamps, disk };
  const answer = { ...about, sites: [site], jobs: [job] };
  // As much of it as is told.
  return describeStatus(answer as unknown as Status);
}

const SEALED = { round: 3, attempt: 2, phase: 'sealed', sitesIn: 4, awaited: [], isCarried: false };

test('a status names the sites that a round waits for, and for what', () => {
  const awaited = [
    { site: 'north', what: 'acknowledgement' },
    { site: 'south', what: 'acknowledgement' },
  ];
  assert.equal(
    linesOf({ ...SEALED, awaited }).at(-1),
    'job readmission: running, round 3 of 0 to 11, attempt 2: sealed, 4 sites in, ' +
      'waits for north (acknowledgement), south (acknowledgement)',
  );
});

test('of many sites a line names the first and counts the others', () => {
  const awaited = Array.from({ length: 8 }, (_, i) => ({ site: `site-${i}`, what: 'opening' }));
  assert.match(linesOf({ ...SEALED, awaited }).at(-1)!, /site-4 \(opening\) and 3 more$/);
});

test('a set that waits for sites that are away is called overdue', () => {
  assert.match(
    linesOf({ ...SEALED, phase: 'opening', isCarried: true }).at(-1)!,
    /; overdue: shares of this set/,
  );
});

test('a job that failed says why, a silent site is offline', () => {
  const lines = linesOf(null, { state: 'failed', failure: 'round 1: TOO_FEW_CONTRIBUTORS' });
  assert.equal(lines.at(-1), 'job readmission: failed: round 1: TOO_FEW_CONTRIBUTORS');
  assert.equal(lines[1], 'site north: offline');
});

test('a job names the sites that have withdrawn from it', () => {
  assert.match(
    linesOf(null, { withdrawn: ['north', 'south'] }).at(-1)!,
    /, without north, south \(withdrawn\)$/,
  );
});

test('a job that does not go by the latest roster says which one it keeps, and why', () => {
  assert.match(
    linesOf(null, { waits: '3 of its members have consented, 4 are needed' }).at(-1)!,
    /: running; keeps roster version 2, because 3 of its members have consented, 4 are needed$/,
  );
});

test('a disk that is full is the first thing one reads', () => {
  assert.match(
    linesOf(null, { disk: { state: 'full', freeBytes: 0 } })[1]!,
    /^DISK FULL: 0 bytes are free; nothing is lost/,
  );
  assert.doesNotMatch(linesOf(null).join('\n'), /DISK/);
});

test('certificates that near their end, and sites that were revoked, say so', () => {
  const expiring = { ...CERTIFICATE, state: 'expiring' };
  const expired = { ...CERTIFICATE, state: 'expired' };
  assert.equal(
    linesOf(null, { certificate: expiring })[1],
    'coordinator: certificate not renewed, ends on 2027-01-31',
  );
  assert.equal(
    linesOf(null, { site: { certificate: expired } })[1],
    'site north: offline; CERTIFICATE EXPIRED on 2027-01-31',
  );
  const revoked = { reason: 'key-compromise', atMs: Date.UTC(2026, 1, 1) };
  assert.equal(linesOf(null, { site: { revoked } })[1], 'site north: revoked on 2026-02-01 (key-compromise)');
});

test('timestamps that fail are said, with the day of the last one', () => {
  const failing = { state: 'failing', latestMs: null, reason: 'UNAVAILABLE: no answer' };
  assert.match(
    linesOf(null, { timestamps: failing })[1]!,
    /^TIMESTAMPS FAIL: there is none yet; .*UNAVAILABLE/,
  );
  const later = { ...failing, latestMs: Date.UTC(2026, 10, 27) };
  assert.match(linesOf(null, { timestamps: later })[1]!, /the last one is of 2026-11-27;/);
  assert.doesNotMatch(linesOf(null, { timestamps: { ...later, state: 'ok' } }).join(), /TIMESTAMPS/);
});

test('a quorum that cosigns is said with how far it has come, and who must', () => {
  const quorum = [
    { group: 'members', threshold: 2, of: 3 },
    { group: 'stand-alone', threshold: 1, of: 1 },
  ];
  const line = 'log: the first 5 records are cosigned by a quorum (2 of 3 members and 1 of 1 stand-alone)';
  assert.equal(linesOf(null, { log: { quorum, cosignedSize: 5 } })[1], line);
});

test('a witness that fails, and a log that is stopped, are said', () => {
  const failing = { name: 'w1', state: 'failing', lag: 3, reason: 'UNAVAILABLE: it cannot be reached' };
  const lines = linesOf(null, { log: { witnesses: [failing], stopped: 'LOG_STOPPED: an old copy' } });
  assert.equal(lines[1], 'LOG STOPPED: nothing is signed any more (LOG_STOPPED: an old copy)');
  assert.match(lines[2]!, /^WITNESS w1 FAILS: 3 records behind; .*\(UNAVAILABLE: it cannot be reached\)$/);
});
