// What the reader of the page trusts: keys that came from a party of trust, not with the files that are checked.
import { parseBase64, parseDigest, refuseUnless, utf8, type Bytes, type Digest } from '@blindsum/proto';
import { toKeyHint } from '@blindsum/proto/provenance';
import { isP256Spki, NO_QUORUM, parseLogVkey, parseTlogPolicy, type TlogPolicy } from '@blindsum/proto/tlog';

/** The key that signs records: whole, or by its digest, which is enough where the key itself is among the files. */
export interface TrustedRecordKey {
  readonly hint: Digest;
  readonly spki?: Bytes;
}

export interface Trust {
  /** Logs, witnesses and the quorum; without logs nothing is known about checkpoints. */
  readonly policy: TlogPolicy;
  readonly recordKey?: TrustedRecordKey;
}

/** As typed; empty for nothing. */
export interface TrustTexts {
  /** A verifier key (C2SP signed-note), or several, one a line. */
  readonly logKey: string;
  /** PEM, its base64, or the 64 hexadecimal digits of its hint. */
  readonly recordKey: string;
  /** A policy (C2SP tlog-policy). */
  readonly policy: string;
}

/** Parses what was typed, with white space around it; refuses MALFORMED. */
export function parseTrust({ logKey, recordKey, policy }: TrustTexts): Trust {
  const typed = logKey.split('\n').map((line) => line.trim());
  const keys = typed.filter((line) => line !== '').map((line) => ({ key: parseLogVkey(line) }));
  const whole =
    policy.trim() === '' ? NO_POLICY : parseTlogPolicy(utf8(`${policy.replaceAll('\r', '').trim()}\n`));
  const known = recordKey.trim() === '' ? undefined : parseRecordKey(recordKey);
  return {
    // Whoever names a key means that log, whatever other logs the policy is for.
    policy: { ...whole, logs: keys.length > 0 ? keys : whole.logs },
    ...(known && { recordKey: known }),
  };
}

const NO_POLICY: TlogPolicy = { logs: [], witnesses: [], groups: [], quorum: NO_QUORUM };

function parseRecordKey(text: string): TrustedRecordKey {
  const bare = text.replace(/-----(?:BEGIN|END) PUBLIC KEY-----/g, '').replace(/\s/g, '');
  if (/^[0-9a-f]{64}$/i.test(bare)) return { hint: parseDigest(bare.toLowerCase(), 'record key') };
  const spki = parseBase64(bare, 'record key');
  refuseUnless(isP256Spki(spki), 'MALFORMED', 'record key: not a P-256 public key');
  return { hint: toKeyHint(spki), spki };
}
