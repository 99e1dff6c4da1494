import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8, type Bytes } from '@blindsum/proto';
import type { LogRecord } from '@blindsum/proto/tlog';
import { exportLog } from './export/export-log.ts';
import { fsck, type FsckReport } from './fsck.ts';
import { LogMonitor } from './monitor/log-monitor.ts';
import {
  amendment,
  BY_BOTH,
  BY_MEMBERS,
  cosignedCheckpoint,
  policyText,
  ruledCharter,
  ruledRecords,
  serve,
} from './ruled-log.fixture.ts';
import { createMapReader, incidents, VKEY } from './sample-log.fixture.ts';

const RECORDS = ruledRecords(BY_MEMBERS);
/** A log whose charter asks for two members, and whose sixth record asks for a witness besides. */
const AMENDED = [...RECORDS, amendment(1, RECORDS[0]!, BY_BOTH)];

const audit = (files: Map<string, Bytes>) => fsck(createMapReader(files), VKEY);
const messages = ({ findings }: FsckReport) =>
  findings.map(
    ({ code, entry, message }) => `${entry === undefined ? '' : `entry ${entry}: `}${message} (${code})`,
  );
const found = async (records: readonly LogRecord[], beside: Parameters<typeof serve>[1] = {}) =>
  messages(await audit(serve(records, beside)));

test('the policy and the cosigned checkpoint beside a log are those that its charter asks for', async () => {
  const policy = policyText(BY_MEMBERS);
  const cosigned = cosignedCheckpoint(RECORDS, [0, 2]);
  const report = await audit(serve(RECORDS, { policy, cosigned }));
  assert.deepEqual(messages(report), []);
  assert.deepEqual(report.cosigning, {
    asked: 'the charter (entry 0) asks for 2 of the members; under roster version 1',
    servedPolicy: 'same',
    cosignedSize: 5,
  });
});

test('attack: a served policy that asks for less than the log, or counts a stranger, is told in a sentence', async () => {
  const asked = 'the charter \\(entry 0\\) asks for 2 of the members; under roster version 1';
  const lies: [policy: string, sentence: RegExp][] = [
    [
      policyText({ ...BY_MEMBERS, members: 0 }),
      new RegExp(
        `^policy: it is not what the log says: ${asked}; the served policy asks for nobody \\(POLICY_MISMATCH\\)$`,
      ),
    ],
    [
      policyText(BY_BOTH),
      /asks for 2 of 3 \(members\) and 1 of 1 \(stand-alone\), and counts witnesses that the log does not name: w1 \(POLICY_MISMATCH\)$/,
    ],
    [policyText(BY_MEMBERS, []), /the served policy asks for nobody \(POLICY_MISMATCH\)$/],
    ['quorum both\n', /^policy: policy, line 1: both is not defined before it \(MALFORMED\)$/],
  ];
  for (const [policy, sentence] of lies) {
    const [first, ...rest] = await found(RECORDS, { policy });
    assert.match(first ?? '', sentence);
    assert.deepEqual(rest, []);
  }
});

test('an address in the policy is nothing that the log says', async () => {
  const policy = policyText(BY_MEMBERS).replace(/^(log \S+)/, '$1 https://mirror.example/log/');
  assert.match(policy, /mirror/);
  assert.deepEqual(await found(RECORDS, { policy }), []);
});

test('from an amendment on its rule counts, and the one before no more', async () => {
  const report = await audit(serve(AMENDED, { policy: policyText(BY_BOTH) }));
  assert.deepEqual(messages(report), []);
  assert.match(report.cosigning.asked!, /^charter amendment 1 \(entry 5\) asks for .* \(w1\); under roster/);
  assert.match((await found(AMENDED, { policy: policyText(BY_MEMBERS) }))[0] ?? '', /POLICY_MISMATCH/);
});

test('attack: a checkpoint that is served as cosigned needs those whom its own tree asks for', async () => {
  const check = (of: readonly LogRecord[], cosigners: (number | 'w1')[]) =>
    found(AMENDED, { cosigned: cosignedCheckpoint(of, cosigners) });
  // The tree before the amendment asks for members alone.
  assert.deepEqual(await check(RECORDS, [0, 1]), []);
  assert.deepEqual(await check(AMENDED, [0, 1, 'w1']), []);
  assert.match((await check(AMENDED, [0, 1]))[0] ?? '', /^checkpoint\.cosigned: .*\(TOO_FEW_COSIGNATURES\)$/);
  assert.match((await check(RECORDS, [0, 'w1']))[0] ?? '', /\(TOO_FEW_COSIGNATURES\)$/);
});

test('attack: a cosigned checkpoint of another tree proves that the log signed two', async () => {
  const other = [...RECORDS.slice(0, 4), ...incidents(3, 1)];
  assert.deepEqual(await found(RECORDS, { cosigned: cosignedCheckpoint(other, [0, 1]) }), [
    'checkpoint.cosigned: the first 5 entries of the log have another root, and the log signed both (ROOT_MISMATCH)',
  ]);
  assert.deepEqual(await found(RECORDS, { cosigned: cosignedCheckpoint(AMENDED, [0, 1, 'w1']) }), [
    'checkpoint.cosigned: it has 6 entries, more than the log beside it (BAD_CHECKPOINT)',
  ]);
  const [message] = await found(RECORDS, { cosigned: utf8('no note') });
  assert.match(message ?? '', /^checkpoint\.cosigned: note: .*\(MALFORMED\)$/);
});

test('a log whose charter says nothing of it is judged from its first amendment on', async () => {
  const silent = ruledRecords();
  const report = await audit(
    serve(silent, { policy: policyText(BY_BOTH), cosigned: cosignedCheckpoint(silent, []) }),
  );
  assert.deepEqual(messages(report), []);
  assert.deepEqual(report.cosigning, { asked: null, servedPolicy: 'not compared', cosignedSize: null });
  const said = [...silent, amendment(1, silent[0]!, BY_MEMBERS)];
  assert.deepEqual(await found(said, { policy: policyText(BY_MEMBERS) }), []);
  assert.match((await found(said, { policy: policyText(BY_BOTH) }))[0] ?? '', /POLICY_MISMATCH/);
});

test('attack: an amendment that is there twice, leaves a number out, or amends another record', async () => {
  const [charter] = RECORDS as [LogRecord];
  const other = { ...BY_BOTH, members: 3 };
  const first = AMENDED.at(-1)!;
  const lies: [records: LogRecord[], ...findings: RegExp[]][] = [
    [
      [...AMENDED, amendment(1, charter, other)],
      /^entry 6: a second record of charter amendment 1: entry 5 is the first/,
      /^entry 6: charter amendment 1: it is amendment 1 where amendment 2 is due \(BAD_RECORD\)$/,
    ],
    [[...RECORDS, amendment(2, charter, other)], /^entry 5: .*it is amendment 2 where amendment 1 is due/],
    [
      [...AMENDED, amendment(2, charter, other)],
      /^entry 6: .*it does not name the charter, or the amendment,/,
    ],
    [[...RECORDS, amendment(1, ruledCharter(), other)], /^entry 5: .*it does not name the charter/],
  ];
  for (const [records, ...findings] of lies) {
    const told = await found(records);
    assert.equal(told.length, findings.length, told.join('\n'));
    findings.forEach((finding, i) => assert.match(told[i]!, finding));
  }
  assert.deepEqual(await found([...AMENDED, amendment(2, first, other)]), []);
});

test('a policy that was read while the log grew is that of some tree of this time', async () => {
  const files = serve(RECORDS, { policy: policyText(BY_MEMBERS) });
  const grown = serve(AMENDED, { policy: policyText(BY_MEMBERS) });
  const auditGrowing = (growsFor: number) => {
    let reads = 0;
    // The log grows while the policy is read, so often.
    return fsck(
      {
        ...createMapReader(grown),
        read: async (path) => {
          if (path === 'checkpoint') reads++;
          return (path === 'checkpoint' && reads <= growsFor ? files : grown).get(path);
        },
      },
      VKEY,
    );
  };
  // At the end it is AMENDED, whose policy is another one: read after that, it is wrong.
  assert.match(messages(await auditGrowing(1))[0] ?? '', /POLICY_MISMATCH/);
  let size = 0;
  const everGrowing = await fsck(
    {
      ...createMapReader(grown),
      read: async (path) =>
        (path === 'checkpoint' && size++ < 5 ? serve(AMENDED.slice(0, size)) : grown).get(path),
    },
    VKEY,
  );
  assert.deepEqual(messages(everGrowing), []);
});

test('a record that is withheld may have changed the rule: then nothing is said of it', async () => {
  const files = serve(AMENDED, { policy: policyText(BY_MEMBERS) });
  const last = [...files.keys()].filter((path) => path.startsWith('records/')).at(-1)!;
  files.delete(last);
  const report = await audit(files);
  assert.match(messages(report).join('\n'), /^entry 5: .*it is withheld \(NOT_FOUND\)$/);
  assert.equal(report.cosigning.servedPolicy, 'not compared');
});

test('an export keeps what was served beside the log, so that a lie can be shown later', async () => {
  const kept = new Map<string, Bytes>();
  const cosigned = cosignedCheckpoint(RECORDS, [0, 1]);
  const reader = createMapReader(serve(RECORDS, { policy: policyText(BY_BOTH), cosigned }));
  await exportLog({ reader, sink: async (path, bytes) => void kept.set(path, bytes), vkey: VKEY });
  assert.deepEqual(kept.get('checkpoint.cosigned'), cosigned);
  assert.match(messages(await audit(kept))[0] ?? '', /POLICY_MISMATCH/);
});

test('a monitor calls for a changed rule once, and for a lie at every look', async () => {
  const kindsOf = async (
    monitor: LogMonitor,
    state: undefined | Awaited<ReturnType<LogMonitor['look']>>['state'],
    files: Map<string, Bytes>,
  ) => {
    const look = await monitor.look({ reader: createMapReader(files), state, vkey: VKEY });
    return { kinds: look.report.alerts.map(({ kind, entry }) => `${kind} ${entry ?? ''}`.trim()), ...look };
  };
  const monitor = new LogMonitor();
  const good = { policy: policyText(BY_MEMBERS), cosigned: cosignedCheckpoint(RECORDS, [0, 1]) };
  const first = await kindsOf(monitor, undefined, serve(RECORDS, good));
  assert.deepEqual(first.kinds, []);
  const amended = await kindsOf(
    monitor,
    first.state,
    serve(AMENDED, { ...good, policy: policyText(BY_BOTH) }),
  );
  assert.deepEqual(amended.kinds, ['rule-changed 5']);
  assert.match(
    amended.report.alerts[0]!.message,
    /^charter amendment 1: from here on 2 of the members and 1 of 1 stand-alone witnesses \(w1\) must have cosigned; before, it was 2 of the members$/,
  );
  for (let looks = 0; looks < 2; looks++) {
    const lie = await kindsOf(
      monitor,
      amended.state,
      serve(AMENDED, { ...good, cosigned: cosignedCheckpoint(AMENDED, [0]) }),
    );
    assert.deepEqual(lie.kinds, ['other-policy', 'not-cosigned']);
  }
  const other = [...RECORDS.slice(0, 4), ...incidents(3, 1)];
  const forked = { policy: policyText(BY_BOTH), cosigned: cosignedCheckpoint(other, [0, 1]) };
  assert.deepEqual((await kindsOf(monitor, amended.state, serve(AMENDED, forked))).kinds, ['forked']);
});
