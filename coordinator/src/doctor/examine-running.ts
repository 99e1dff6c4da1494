// What a running coordinator says of itself.
import { fails, judgeVersions, passes, warns, type Finding } from '@blindsum/proto';
import type { Status } from '../commands/answers.ts';
import { VERSION } from '../version.ts';

/** `status` as it answers; undefined if it does not run. */
export function examineRunning(status: Status | undefined): Finding[] {
  if (!status) return [passes('coordinator', 'does not run: the ports are looked at as for a start')];
  return [
    passes('coordinator', `runs, federation ${status.federation}`),
    judgeVersions(VERSION, status.version, 'the running coordinator'),
    ...examineSites(status),
    ...examineLog(status),
    ...examineCertificate(status),
    ...examineDisk(status),
    ...examineTimestamps(status),
  ];
}

function examineSites({ sites }: Status): Finding[] {
  const others = sites.filter(({ version }) => version !== '' && version !== VERSION);
  const names = others.map(({ site, version }) => `${site} (${version})`).join(', ');
  const late = sites.filter(({ certificate, revoked }) => certificate.state !== 'valid' && !revoked);
  return [
    ...(others.length === 0
      ? []
      : [
          warns(
            'versions: sites',
            `${VERSION} here; ${names}`,
            'have these sites bring their programs to this version',
          ),
        ]),
    ...late.map(({ site, certificate }) =>
      warns(
        `certificate: ${site}`,
        certificate.state === 'expired' ? 'has expired' : 'was not renewed in time',
        certificate.state === 'expired'
          ? `invite it again: blindsum-coordinator invite ${site} --replace`
          : 'ask whoever runs the site whether its agent runs: it renews by itself',
      ),
    ),
  ];
}

function examineLog({ log }: Status): Finding[] {
  if (log.stopped !== null)
    return [
      fails(
        'log',
        `stopped: ${log.stopped}`,
        'restore the state that wrote those entries (docs/errors.md, LOG_STOPPED)',
      ),
    ];
  const failing = log.witnesses.filter(({ state }) => state === 'failing');
  return [
    passes('log', `${log.size} records, ${log.cosignedSize} of them cosigned by a quorum`),
    ...failing.map(({ name, lag, reason }) =>
      warns(
        `witness: ${name}`,
        `${lag} records behind (${reason ?? 'no reason given'})`,
        'ask whoever runs it',
      ),
    ),
  ];
}

function examineCertificate({ certificate }: Status): Finding[] {
  if (certificate.state === 'valid') return [passes('certificate', 'the coordinator’s own is valid')];
  const advice =
    'restart the coordinator and see its log; with identity.authority: external, have another one issued';
  return [
    certificate.state === 'expired'
      ? fails('certificate', 'the coordinator’s own has expired: no site connects', advice)
      : warns('certificate', 'the coordinator’s own was not renewed in time', advice),
  ];
}

function examineDisk({ disk }: Status): Finding[] {
  if (disk.state === 'ok') return [];
  const found = disk.state === 'full' ? 'writes found no room' : 'uploads wait for room';
  return [
    fails(
      'disk: running',
      found,
      'make room where stateDirectory is; nothing is lost, and all goes on by itself',
    ),
  ];
}

function examineTimestamps({ timestamps }: Status): Finding[] {
  if (timestamps?.state !== 'failing') return [];
  return [
    warns(
      'timestamps: running',
      `the last one failed (${timestamps.reason ?? ''})`,
      'see the check of timestamps above',
    ),
  ];
}
