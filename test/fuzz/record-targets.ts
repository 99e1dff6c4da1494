// Records of a log that somebody else wrote, each kind by itself, and what its amendments say one after the other.
import type { Digest } from '@blindsum/proto';
import {
  createRecord,
  encodeRecord,
  parseRecord,
  parseVkey,
  type LogRecord,
  type Predicate,
  type RecordKind,
} from '@blindsum/proto/tlog';
import { CosigningHistory } from '../../auditor/src/cosigning-history.ts';
import { amendment, BY_BOTH, BY_MEMBERS, ruledCharter } from '../../auditor/src/ruled-log.fixture.ts';
import {
  digestOf,
  hashOf,
  incidents,
  JOB,
  lateConsent,
  MEMBERS,
  recordOf,
  release,
  roster,
  sampleRecords,
  SITES,
  VKEY,
  withdrawal,
} from '../../auditor/src/sample-log.fixture.ts';
import { bytesTarget, valueTarget, type FuzzTarget } from './fuzz-target.ts';

const CHARTER = ruledCharter(BY_MEMBERS);
const AMENDMENTS = [amendment(1, CHARTER, BY_BOTH)];
AMENDMENTS.push(amendment(2, AMENDMENTS[0]!, BY_MEMBERS));

const certificate = { member: MEMBERS[0]!, certificate: hashOf('certificate'), notAfter: 1_800_000_000_000 };
const RECORDS: readonly LogRecord[] = [
  ...sampleRecords(1),
  CHARTER,
  ...AMENDMENTS,
  lateConsent(SITES[0]!),
  withdrawal(SITES[0]!, 2),
  release(0),
  ...incidents(1, 1),
  recordOf('certificate', { event: 'issued', ...certificate }),
  recordOf('certificate', { event: 'revoked', ...certificate, reason: 'key-compromise' }),
  recordOf('administration', { from: 1, to: 2, count: 2, root: hashOf('trail'), previousRecord: '' }),
  recordOf('redaction', {
    ...{ record: hashOf('record'), kind: 'round', job: JOB, name: hashOf('name') },
    reason: 'asked for by a member',
  }),
  recordOf('anchor', { size: 1, root: hashOf('tree'), token: hashOf('token') }),
];

function recordTarget(kind: RecordKind): FuzzTarget {
  const seeds = RECORDS.filter((record) => record.kind === kind).map(encodeRecord);
  return bytesTarget(`record-${kind}`, seeds, parseRecord, 0.3);
}

/** Follows amendments one after the other, and makes the policy that each asks for. */
function followAmendments(value: unknown): void {
  const history = new CosigningHistory();
  history.admitCharter(0, digestOf(CHARTER), CHARTER.predicate as Predicate<'charter'>);
  history.admitRoster(1, roster().predicate as Predicate<'roster'>);
  const claimed: readonly unknown[] = Array.isArray(value) ? value : [value];
  claimed.forEach((claim, i) => {
    const record = createRecord('charter-amendment', claim) as LogRecord & { kind: 'charter-amendment' };
    const digest: Digest = digestOf(record);
    history.admitAmendment(2 + i, digest, record.predicate);
    history.at(3 + i, parseVkey(VKEY));
  });
}

export const RECORD_TARGETS: readonly FuzzTarget[] = [
  ...[...new Set(RECORDS.map(({ kind }) => kind))].map(recordTarget),
  {
    ...valueTarget('amendments', [AMENDMENTS.map(({ predicate }) => predicate)], followAmendments),
    weight: 0.5,
  },
];
