// What a record says, in words.
import { recordName, type LogRecord, type Predicate, type RecordKind } from '@blindsum/proto/tlog';
import {
  ofAmendment,
  ofAnchor,
  ofCertificate,
  ofCharter,
  ofRoster,
  ofTrail,
} from './record-words/log-words.ts';
import { ofConsent, ofManifest, ofRedaction, ofRelease, ofWithdrawal } from './record-words/job-words.ts';
import { ofIncident, ofRound, ofSealed } from './record-words/round-words.ts';
import type { RecordWords } from './record-words/record-words.ts';

export type { Fact } from './record-words/record-words.ts';

export interface RecordText extends RecordWords {
  readonly title: string;
}

const WORDS: { readonly [K in RecordKind]: (predicate: Predicate<K>) => RecordWords } = {
  charter: ofCharter,
  'charter-amendment': ofAmendment,
  roster: ofRoster,
  manifest: ofManifest,
  consent: ofConsent,
  withdrawal: ofWithdrawal,
  'round-sealed': ofSealed,
  round: ofRound,
  incident: ofIncident,
  certificate: ofCertificate,
  administration: ofTrail,
  release: ofRelease,
  redaction: ofRedaction,
  anchor: ofAnchor,
};

/** The record in words. Members are named by pseudonym: no record holds a site's name. */
export function toRecordText(record: LogRecord): RecordText {
  return { title: capitalised(recordName(record)), ...toWords(record) };
}

function toWords<K extends RecordKind>({ kind, predicate }: LogRecord & { readonly kind: K }): RecordWords {
  return WORDS[kind](predicate as Predicate<K>);
}

function capitalised(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
