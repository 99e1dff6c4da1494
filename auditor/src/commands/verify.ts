// blindsum-audit verify: a kept proof, offline.
import { createPublicKey } from 'node:crypto';
import { parseBase64, parseUtf8, Refusal, refuseUnless, type Bytes } from '@blindsum/proto';
import { parseBundle } from '@blindsum/proto/provenance';
import { isP256Spki, parseEnvelope, parseLogVkey, parseRecord, parseTlogPolicy } from '@blindsum/proto/tlog';
import type { Command } from 'commander';
import { auditLog, type AuditedLog } from '../fsck.ts';
import { openLogReader } from '../open-log-reader.ts';
import { toProofText } from '../proof-text.ts';
import { pinServedLog } from '../served-log.ts';
import { verifyProof, type ProofTrust } from '../verify-proof.ts';
import { EXIT } from '@blindsum/proto';
import { printReport, readNamedFile, toExample, toVkey } from './log-command.ts';

interface VerifyOptions {
  readonly record?: string;
  readonly model?: string;
  readonly policy?: string;
  readonly log?: string;
  readonly vkey?: string;
  readonly recordKey?: string;
  readonly json?: boolean;
}

export function addVerifyCommand(program: Command): void {
  program
    .command('verify')
    .description('check a proof that was kept of a record, and a model file, without any network')
    .argument('<proof>', 'a Sigstore bundle (.sigstore.json), or a .tlog-proof')
    .option('--record <file>', 'the record of a .tlog-proof (records/<digest>.json of the log)')
    .option('--model <file>', 'a model, which must be the one that the record names')
    .option('--vkey <key>', 'the key of the log that you trust, or a file that holds it')
    .option('--policy <file>', 'logs and witnesses that you trust (C2SP tlog-policy)')
    .option(
      '--log <log>',
      'folder of a copy of the log, or its address: who must have cosigned is read from its records',
    )
    .option(
      '--record-key <file>',
      'the key that signs records: PEM, or the charter of the log (its record or bundle)',
    )
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      toExample('verify 17.sigstore.json --vkey log.vkey --record-key charter.json --model final.bin'),
    )
    .exitOverride()
    .action(run);
}

async function run(proof: string, options: VerifyOptions): Promise<void> {
  const trust = await readTrust(options);
  const record = await readOptional(options.record);
  const files = { proof: await readNamedFile(proof), ...(record && { record }) };
  const report = verifyProof(files, trust, await readOptional(options.model));
  printReport('verify', report, { json: options.json, text: toProofText(report) });
  process.exitCode = report.ok ? EXIT.ok : EXIT.failed;
}

async function readTrust(options: VerifyOptions): Promise<ProofTrust> {
  const vkey = await toVkey(options);
  const bytes = await readOptional(options.policy);
  const policy = bytes && parseTlogPolicy(bytes);
  if (vkey === undefined && !policy)
    throw new Refusal('CONFIG_INVALID', 'give the key of the log with --vkey, or a policy with --policy');
  const logKeys = vkey === undefined ? (policy?.logs ?? []).map(({ key }) => key) : [parseLogVkey(vkey)];
  const keyFile = await readOptional(options.recordKey);
  const log = options.log === undefined ? undefined : await readLog(options.log, vkey);
  return {
    logKeys,
    ...(policy && { policy }),
    ...(log && { log }),
    ...(keyFile && { recordKey: parseRecordKey(keyFile) }),
  };
}

/** The log must be that of a key from elsewhere: it would name witnesses of its own otherwise. */
async function readLog(source: string, vkey: string | undefined): Promise<AuditedLog> {
  refuseUnless(vkey !== undefined, 'CONFIG_INVALID', '--log needs the key of the log: give it with --vkey');
  return auditLog(await pinServedLog(await openLogReader(source)), vkey);
}

async function readOptional(path: string | undefined): Promise<Bytes | undefined> {
  return path === undefined ? undefined : readNamedFile(path);
}

/** From PEM, or from a charter, which whoever names the file vouches for. */
function parseRecordKey(bytes: Bytes): Bytes {
  const text = parseUtf8(bytes, '--record-key');
  const spki = text.startsWith('-----BEGIN PUBLIC KEY-----') ? parsePem(text) : parseCharterKey(bytes, text);
  refuseUnless(isP256Spki(spki), 'CONFIG_INVALID', '--record-key: it is no P-256 key');
  return spki;
}

function parsePem(text: string): Bytes {
  try {
    return new Uint8Array(createPublicKey(text).export({ format: 'der', type: 'spki' }));
  } catch (cause) {
    throw new Refusal('CONFIG_INVALID', '--record-key: it is no public key', { cause });
  }
}

function parseCharterKey(bytes: Bytes, text: string): Bytes {
  const { payload } = text.startsWith('{"dsseEnvelope"') ? parseBundle(bytes).envelope : parseEnvelope(bytes);
  const { kind, predicate } = parseRecord(payload);
  if (kind !== 'charter') throw new Refusal('CONFIG_INVALID', `--record-key: it is a ${kind}, not a charter`);
  return parseBase64(predicate.recordKey, 'record key of the charter');
}
