// The way to the coordinator, step by step: the grant, the proxy, the connection, who answers, and what it says.
import { X509Certificate } from 'node:crypto';
import {
  fails,
  failingAs,
  isUnknown,
  judgeCertificate,
  judgeClock,
  judgeVersions,
  passes,
  Refusal,
  type Digest,
  type Finding,
  type SiteGrant,
} from '@blindsum/proto';
import { compareTimes } from '@blindsum/proto/node';
import { FederationService } from '@blindsum/proto/rpc';
import { openSiteConnection } from '../commands/connect.ts';
import type { Config } from '../config.ts';
import { loadGrant } from '../identity/grant-file.ts';
import { hasSiteKeys, loadSiteKeys, type SiteKeys } from '../identity/site-keys.ts';
import { openNetwork } from '../network/open-network.ts';
import { fetchPinnedAuthority } from '../rpc/pinned-authority.ts';
import { toPrintable } from '../rpc/printable.ts';
import { createUnaryCaller } from '../rpc/unary-call.ts';
import { VERSION } from '../version.ts';

const PROTOCOL = 'blindsum/v1';
/** It tells its time in milliseconds. */
const RESOLUTION_MS = 1;

const ENROL = 'have the operator invite this site, then run `blindsum-site enroll` with the token';
const REACH =
  'see that the name resolves here, that the firewall lets this machine out to that port, and that network.proxy is right (docs/network.md)';

/** Each step is looked at only if the one before it is right: what follows from a failure is no finding. */
export async function examineCoordinator(config: Config, nowMs: number): Promise<Finding[]> {
  const findings: Finding[] = [];
  const enrolled = await examineEnrolment(config, nowMs, findings);
  if (!enrolled) return [...findings, isUnknown('coordinator', 'this site has not enrolled', ENROL)];
  const { grant, keys } = enrolled;
  const way = await examineWay(config, grant);
  return [...findings, way, ...(way.state === 'ok' ? await examineAnswer(config, keys) : [])];
}

async function examineEnrolment(
  config: Config,
  nowMs: number,
  findings: Finding[],
): Promise<{ grant: SiteGrant; keys: SiteKeys } | undefined> {
  const { stateDirectory, keys: storage } = config;
  if (storage.from === undefined && !hasSiteKeys(stateDirectory)) {
    findings.push(isUnknown('keys', 'there are none yet', ENROL));
    return undefined;
  }
  let enrolled: { grant: SiteGrant; keys: SiteKeys } | undefined;
  const look = async (): Promise<Finding> => {
    const keys = await loadSiteKeys(stateDirectory, storage);
    findings.push(passes('keys', 'can be read'));
    const grant = await loadGrant(stateDirectory, { name: config, keys });
    enrolled = { grant, keys };
    const { validFromDate, validToDate } = new X509Certificate(grant.certificate);
    const life = { notBeforeMs: validFromDate.getTime(), notAfterMs: validToDate.getTime(), nowMs };
    return judgeCertificate({
      check: 'certificate',
      ...life,
      advice:
        'see the log of `blindsum-site run`, which renews it; once it has ended, enrol again with another token',
    });
  };
  findings.push(await failingAs({ check: 'enrolment', advice: ENROL }, look));
  return enrolled;
}

/** Whether somebody answers there, and whether it is whom the grant names. */
async function examineWay(config: Config, grant: SiteGrant): Promise<Finding> {
  const coordinator = config.coordinator ?? grant.coordinator;
  return failingAs({ check: 'way', advice: REACH }, async () => {
    const { proxy, caCertificates } = await openNetwork(config.network, process.env, coordinator);
    const through = proxy ? ` through the proxy ${proxy.address}` : '';
    const authority = fingerprintOf(grant.caCertificate);
    try {
      await fetchPinnedAuthority({ coordinator, authority, proxy });
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'UNAUTHENTICATED') throw error;
      if (caCertificates === undefined) return isSomebodyElse(coordinator, through);
    }
    return passes('way', `${coordinator} answers${through}`);
  });
}

function isSomebodyElse(coordinator: string, through: string): Finding {
  return fails(
    'way',
    `${coordinator}${through} shows no certificate of the authority in the grant`,
    'a proxy that opens TLS does not work: have it let this address pass. If the coordinator was set up anew, enrol again',
  );
}

function fingerprintOf(pem: string): Digest {
  return new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase() as Digest;
}

async function examineAnswer(config: Config, keys: SiteKeys): Promise<Finding[]> {
  const { channels, close } = await openSiteConnection(config, keys);
  try {
    const askedMs = Date.now();
    const answer = await createUnaryCaller(channels.control, FederationService)('getFederation', {});
    const times = { answeredMs: Date.now(), resolutionMs: RESOLUTION_MS };
    const shownMs = Number(answer.timeMs);
    return [
      answer.federation === config.federation && answer.protocol === PROTOCOL
        ? passes('coordinator', `knows this site, federation ${config.federation}`)
        : fails(
            'coordinator',
            `is of ${toPrintable(answer.federation)} and speaks ${toPrintable(answer.protocol)}, this site is of ${config.federation} and speaks ${PROTOCOL}`,
            'correct federation in site.yaml, or bring both programs to one version',
          ),
      judgeVersions(VERSION, toPrintable(answer.version), 'the coordinator'),
      shownMs === 0
        ? isUnknown('clock', 'the coordinator does not tell its time', 'bring it to this version')
        : judgeClock({ ...compareTimes(askedMs, shownMs, times), against: 'the coordinator' }),
    ];
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return [fails('coordinator', `${error.code}: ${toPrintable(error.detail)}`, adviceFor(error))];
  } finally {
    close();
  }
}

function adviceFor({ code }: Refusal): string {
  return code === 'UNAUTHENTICATED'
    ? 'ask the operator whether this site was revoked, or moved to other keys; then enrol again with another token'
    : 'ask the operator whether the coordinator runs (`blindsum-coordinator doctor`); then look again';
}
