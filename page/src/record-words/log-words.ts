// Records of the federation and of its log, in words: charter, rosters, certificates, the trail of operators, times.
import { parseBase64 } from '@blindsum/proto';
import { toKeyHint } from '@blindsum/proto/provenance';
import { describeRule, type CosigningRule, type Predicate } from '@blindsum/proto/tlog';
import { count, toTime } from '../check.ts';
import { digestFact, previousFact, type Fact, type RecordWords } from './record-words.ts';

export function ofCharter({ federation, origin, recordKey, cosigning }: Predicate<'charter'>): RecordWords {
  const key = toKeyHint(parseBase64(recordKey, 'record key'));
  return {
    sentence: `The log of the federation ${federation} begins with this record, which names the key that signs its records.`,
    facts: [
      { name: 'Federation', value: federation },
      { name: 'Log', value: origin },
      ...(cosigning ? toRule(cosigning) : []),
      digestFact('Record key', key),
    ],
  };
}

export function ofRoster(roster: Predicate<'roster'>): RecordWords {
  return {
    sentence: `${count(roster.members.length, 'member')} of the federation ${roster.federation}.`,
    facts: [
      { name: 'Version', value: String(roster.version) },
      digestFact(
        'Members',
        roster.members.map(({ member }) => member),
      ),
      digestFact('Roster', roster.rosterHash),
    ],
  };
}

export function ofAmendment(amendment: Predicate<'charter-amendment'>): RecordWords {
  const { federation, number, previousRecord, cosigning } = amendment;
  return {
    sentence: `From this record on, ${describeRule(cosigning)} must have cosigned a checkpoint of this log.`,
    facts: [
      { name: 'Federation', value: federation },
      { name: 'Amendment', value: String(number) },
      ...toRule(cosigning),
      digestFact('Record that it amends', previousRecord),
    ],
  };
}

function toRule(rule: CosigningRule): Fact[] {
  const keys = rule.standAlone.map(({ vkey }) => vkey);
  return [
    { name: 'Must have cosigned', value: describeRule(rule) },
    ...(keys.length > 0 ? [digestFact('Stand-alone witnesses', keys)] : []),
  ];
}

const CERTIFICATE_SENTENCES = {
  issued: 'A member got its first certificate.',
  renewed: 'A member got its next certificate.',
  revoked: "A member's certificate counts no more.",
} as const;

export function ofCertificate(record: Predicate<'certificate'>): RecordWords {
  return {
    sentence: CERTIFICATE_SENTENCES[record.event],
    facts: [
      digestFact('Member', record.member),
      ...(record.event === 'revoked' ? [{ name: 'Reason', value: record.reason }] : []),
      { name: 'Valid until', value: toTime(record.notAfter) },
      digestFact('Certificate', record.certificate),
    ],
  };
}

export function ofTrail({ from, to, root, previousRecord }: Predicate<'administration'>): RecordWords {
  return {
    sentence: `Actions ${from} to ${to} of the operators are fixed. What they were is in the coordinator's audit trail, which is not public.`,
    facts: [
      { name: 'Actions', value: `${from} to ${to}` },
      digestFact('Root over them', root),
      previousFact(previousRecord, 'the first of the trail'),
    ],
  };
}

export function ofAnchor({ size, root, token }: Predicate<'anchor'>): RecordWords {
  return {
    sentence: `A timestamp authority elsewhere has seen the first ${count(size, 'entry', 'entries')} of this log.`,
    facts: [
      { name: 'Entries', value: String(size) },
      digestFact('Root of the tree', root),
      digestFact('Its response', token),
    ],
  };
}
