import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseUtf8, utf8, type Bytes } from '@blindsum/proto';
import { parseTlogPolicy, type LogRecord } from '@blindsum/proto/tlog';
import { auditLog } from './fsck.ts';
import { keepProof, LOG_KEY } from './kept-proof.fixture.ts';
import {
  amendment,
  BY_BOTH,
  BY_MEMBERS,
  cosignedCheckpoint,
  policyText,
  ruledRecords,
  serve,
} from './ruled-log.fixture.ts';
import { createMapReader, RECORD_SIGNER, VKEY } from './sample-log.fixture.ts';
import { pinServedLog } from './served-log.ts';
import { verifyProof } from './verify-proof.ts';

const RECORDS = ruledRecords(BY_MEMBERS);
const AMENDED = [...RECORDS, amendment(1, RECORDS[0]!, BY_BOTH)];
const ROUND = 4;

interface Case {
  /** Of the log that the proof is of, and of the copy. */
  readonly records?: readonly LogRecord[];
  readonly copy?: Map<string, Bytes>;
  readonly cosigners?: readonly (number | 'w1')[];
  readonly policy?: string;
}

/** What the check of the witnesses finds in a proof of the round, under the policy of a copy of the log. */
async function verify({ records = RECORDS, copy, cosigners = [0, 1], policy }: Case) {
  const checkpoint = parseUtf8(cosignedCheckpoint(records, cosigners), 'checkpoint');
  const { bundle } = keepProof(records, ROUND, { checkpoint });
  const log = await auditLog(await pinServedLog(createMapReader(copy ?? serve(records))), VKEY);
  const trusted = { logKeys: [LOG_KEY], recordKey: RECORD_SIGNER.publicKeySpki, log };
  const given = policy === undefined ? {} : { policy: parseTlogPolicy(utf8(policy)) };
  const report = verifyProof({ proof: bundle }, { ...trusted, ...given });
  const findings = report.checks.flatMap((check) =>
    check.findings.map(({ code, message }) => `${check.name}: ${message} (${code})`),
  );
  return { findings, witnesses: report.witnesses.length };
}

test('who must have cosigned a proof is read from a copy of its log', async () => {
  assert.deepEqual(await verify({}), { findings: [], witnesses: 2 });
  const { findings } = await verify({ cosigners: [0] });
  assert.match(findings.join('\n'), /^witnesses: .*\(TOO_FEW_COSIGNATURES\)$/);
});

test('a proof from before an amendment is judged by the rule of its own tree', async () => {
  assert.deepEqual((await verify({ copy: serve(AMENDED) })).findings, []);
  assert.deepEqual((await verify({ records: AMENDED, cosigners: [0, 1, 'w1'] })).findings, []);
  assert.match((await verify({ records: AMENDED })).findings.join('\n'), /TOO_FEW_COSIGNATURES/);
});

test('attack: a policy that is handed over must be the one of the log', async () => {
  assert.deepEqual((await verify({ policy: policyText(BY_MEMBERS) })).findings, []);
  assert.match(
    (await verify({ policy: policyText({ ...BY_MEMBERS, members: 0 }) })).findings.join('\n'),
    /^witnesses: the policy is not what the log says: the charter \(entry 0\) asks for 2 .*\(POLICY_MISMATCH\)$/,
  );
});

test('attack: the copy is of another log, too short, silent, or not in order', async () => {
  const copies: [Map<string, Bytes>, RegExp][] = [
    [serve(ruledRecords(BY_BOTH)), /the proof is of another tree .*\(ROOT_MISMATCH\)$/],
    [serve(RECORDS.slice(0, 4)), /fewer entries than the proof's 5 \(BAD_CHECKPOINT\)$/],
    [serve(RECORDS, { policy: policyText(BY_BOTH) }), /the log is not in order: policy: .*\(BAD_RECORD\)$/],
  ];
  for (const [copy, finding] of copies) assert.match((await verify({ copy })).findings.join('\n'), finding);
  assert.match(
    (await verify({ records: ruledRecords() })).findings.join('\n'),
    /the log does not say who must have cosigned that tree \(NOT_FOUND\)$/,
  );
});
