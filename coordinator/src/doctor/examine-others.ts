// Whom the coordinator asks: witnesses, a timestamp authority, copies of the log, an OpenID provider. And whose clock it can compare with.
import { randomBytes } from 'node:crypto';
import { failingAs, fails, isUnknown, judgeClock, passes, warns, type Finding } from '@blindsum/proto';
import { askForTime } from '@blindsum/proto/node';
import { openPublishedLog } from '../backup/published-log.ts';
import type { Config } from '../config.ts';
import type { WitnessConfig } from '../config-witnesses.ts';
import { readAuthorities } from '../timestamps/open-timestamps.ts';
import { createTimestampAuthority } from '../timestamps/timestamp-authority.ts';
import { createWitnessClient } from '../witnessing/witness-client.ts';

const TIMEOUT_MS = 5_000;
const DIGEST_BYTES = 32;
const REACH =
  'check the address, the firewall between, and trustedCaFile if it has a certificate of its own authority';

export async function examineOthers(config: Config): Promise<Finding[]> {
  const { log, witnesses, timestamps, http } = config;
  return Promise.all([
    ...witnesses.standAlone.map((witness) => examineWitness(witness, log.origin)),
    ...(timestamps ? [examineTimestamps(timestamps)] : []),
    ...log.mirrors.map((mirror) => examineMirror(mirror)),
    ...(http.oidc ? [examineProvider(http.oidc.issuer)] : []),
  ]);
}

function examineWitness({ name, url, monitoringUrl = url }: WitnessConfig, origin: string): Promise<Finding> {
  const check = `witness: ${name}`;
  return failingAs({ check, advice: REACH }, async () => {
    const seen = await createWitnessClient(url, monitoringUrl).lastSeen(origin);
    if (seen) return passes(check, `${url} has cosigned this log`);
    const advice =
      'have whoever runs the witness add the key of the log (log.vkey in its folder); right before the first start';
    return warns(check, `${url} answers, and has cosigned nothing of this log`, advice);
  });
}

/** Stamps random bytes, which say nothing: only that shows that the answer is one that the coordinator will take. */
function examineTimestamps({ url, caFile }: NonNullable<Config['timestamps']>): Promise<Finding> {
  const check = 'timestamps';
  return failingAs(
    { check, advice: `${REACH}; timestamps.caFile must hold its certificate or its issuer’s` },
    async () => {
      const authority = createTimestampAuthority(url, await readAuthorities(caFile));
      await authority.stamp(new Uint8Array(randomBytes(DIGEST_BYTES)));
      return passes(check, `${url} stamps, under timestamps.caFile`);
    },
  );
}

function examineMirror(source: string): Promise<Finding> {
  const check = 'log.mirrors';
  return failingAs({ check, advice: REACH }, async () => {
    const checkpoint = await openPublishedLog(source)('checkpoint');
    if (checkpoint) return passes(check, `${source} has a checkpoint`);
    return warns(check, `${source} has no checkpoint`, 'have the copy made; right before the first start');
  });
}

async function examineProvider(issuer: string): Promise<Finding> {
  const check = 'http.oidc.issuer';
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    const { issuer: shown } = (await answer.json()) as { issuer?: unknown };
    if (shown === issuer) return passes(check, `${issuer} answers`);
    return fails(check, `${url} is not that of ${issuer}`, 'spell the issuer as the provider does');
  } catch {
    return fails(check, `${url} cannot be read`, REACH);
  }
}

/** With the first of these that answers; `asked` is tried before those of the configuration. */
export async function examineClock(config: Config, asked: string | undefined): Promise<Finding> {
  const sources = asked === undefined ? clocksOf(config) : [asked];
  for (const source of sources) {
    try {
      return judgeClock({ ...(await askForTime(source)), against: new URL(source).host });
    } catch {
      // The next one may answer; that this one does not is said where it is examined.
    }
  }
  const found = sources.length === 0 ? 'nobody to compare it with' : `no answer from ${sources.join(', ')}`;
  return isUnknown('clock', found, 'name a web server whose clock is right: doctor --clock https://…');
}

function clocksOf({ log, witnesses, timestamps, http }: Config): string[] {
  const mirrors = log.mirrors.filter((mirror) => /^https?:/i.test(mirror));
  const urls = [
    timestamps?.url,
    http.oidc?.issuer,
    ...witnesses.standAlone.map(({ url }) => url),
    ...mirrors,
  ];
  return urls.filter((url) => url !== undefined);
}
