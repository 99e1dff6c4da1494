// All checks of one published round: those of its record, and those of the archived ciphertexts behind it.
import {
  CHUNK_BYTES,
  commitmentCodec,
  encodeChecksumValue,
  isChecksumSum,
  PART_BYTES,
  parseChecksumValue,
  refuseUnless,
  toDigestBytes,
  type ArchiveMembers,
} from '@blindsum/proto';
import type { Predicate } from '@blindsum/proto/tlog';
import { createArchivedCiphertext, createNamelessCiphertext, isCleared } from './archive.ts';
import {
  addUp,
  sumUpChecksums,
  type AddedUp,
  type Checksums,
  type Contribution,
  type OnPart,
  type PartMemory,
  type Pass,
} from './contributions.ts';
import type { ErasedRecord } from './erasures.ts';
import { readOf } from './evidence-check.ts';
import { toFindingOrGap, type Finding } from './finding.ts';
import type { PublishedRound } from './published-rounds.ts';
import { checkRecord, NO_RECORD, toTurnout } from './record-audit.ts';
import { toVerdict, type CheckFindings, type RoundReport } from './round-report.ts';

type Round = Predicate<'round'>;

/** Where and with what a round is checked. */
export interface AuditTools {
  /** Folder of the archive, and whose files are whose in it. */
  readonly archive: string;
  readonly names: ArchiveMembers;
  /** Name of the log. */
  readonly federation: string;
  readonly memory: PartMemory;
  /** Told how many of the parts to be read have been. */
  readonly onProgress: (done: number, total: number) => void;
}

/** Checks one round. `treeFindings`: what is wrong with the tree that the record is in. Refuses nothing: it is all in the report. */
export async function auditRound(
  published: PublishedRound,
  treeFindings: readonly Finding[],
  tools: AuditTools,
): Promise<RoundReport> {
  const record = checkRecord(published, treeFindings, tools.federation);
  const { commitments, checksums } = record;
  // Who contributed what is not known without valid commitments.
  const isKnown = commitments?.every(({ isErased }) => isErased) ?? false;
  const archived = isKnown
    ? await checkArchive(published.round, checksums ?? [], tools)
    : { ...NO_ARCHIVE, checksums: unlessNone(checksums ?? []) };
  return { ...toTurnout(published), ...toVerdict({ ...record, ...archived }) };
}

/** The report on a round that the log does not publish, or of which it says that the record was erased. */
export function reportUnpublished(
  job: string,
  round: number,
  findings: readonly Finding[],
  erased?: ErasedRecord,
): RoundReport {
  const named = { entry: erased?.entry ?? null, record: erased?.record ?? null };
  const nothing = { rosterSize: 0, contributors: 0, excluded: [] };
  return { job, round, ...named, ...nothing, ...toVerdict({ ...NOTHING_CHECKED, log: findings }) };
}

const NOTHING_CHECKED: CheckFindings = { ...NO_RECORD, ciphertexts: undefined, sum: undefined };

type ArchiveFindings = Pick<CheckFindings, 'ciphertexts' | 'sum' | 'checksums'>;

const NO_ARCHIVE: ArchiveFindings = { ciphertexts: undefined, sum: undefined, checksums: undefined };

async function checkArchive(
  round: Round,
  signedChecksums: readonly Finding[],
  { archive, names, memory, onProgress }: AuditTools,
): Promise<ArchiveFindings> {
  // The signatures under the checksums, and that they are of this set and sum, do not need the ciphertexts.
  if (await isCleared(archive, round))
    return { ciphertexts: 'gone', sum: 'gone', checksums: unlessNone(signedChecksums) ?? 'gone' };
  const contributions = contributionsOf(round, { archive, names });
  const chunks = round.sumBytes / CHUNK_BYTES;
  const pass = { memory, chunks, onPart: countParts(round, onProgress) };
  const added = await addUp(contributions, pass);
  const isWhole = added.sound.length === contributions.length;
  const recomputed = await recomputeChecksums(round, added.sound, pass);
  const findings = [...signedChecksums, ...recomputed];
  return {
    ciphertexts: added.findings,
    sum: isWhole ? compareSum(round, added) : undefined,
    checksums: isWhole ? findings : unlessNone(findings),
  };
}

/** Where not everything could be checked, nothing found means nothing. */
function unlessNone(findings: readonly Finding[]): readonly Finding[] | undefined {
  return findings.length > 0 ? findings : undefined;
}

async function recomputeChecksums(
  round: Round,
  sound: readonly Contribution[],
  pass: Pass,
): Promise<readonly Finding[]> {
  if (sound.length === 0) return [];
  // The challenge that the sites knew, also where the record's sum is another than that of the ciphertexts.
  const subject = {
    context: toDigestBytes(round.context),
    setRoot: toDigestBytes(round.setRoot),
    sumRoot: toDigestBytes(round.sumRoot),
  };
  try {
    return compareChecksums(round, sound, await sumUpChecksums(sound, subject, pass));
  } catch (error) {
    return [toFindingOrGap(error)];
  }
}

function contributionsOf(
  { job, round, attempt, commitments }: Round,
  { archive, names }: Pick<AuditTools, 'archive' | 'names'>,
): Contribution[] {
  return commitments.map(({ member, payload }) => {
    const { ciphertextRoot } = readOf(commitmentCodec, payload);
    const site = names.get(member);
    const ciphertext =
      site === undefined
        ? createNamelessCiphertext(archive)
        : createArchivedCiphertext(archive, { job, round, attempt, site });
    return { member, ciphertextRoot, ciphertext };
  });
}

/** Counts the parts of both passes. */
function countParts(round: Round, onProgress: AuditTools['onProgress']): OnPart {
  const total = 2 * round.setSize * Math.ceil(round.sumBytes / PART_BYTES);
  let done = 0;
  return () => onProgress(++done, total);
}

function compareSum({ sumRoot }: Round, added: AddedUp): Finding[] {
  if (added.sumRoot === sumRoot) return [];
  const message = `the ciphertexts add up to ${added.sumRoot}, the record says ${sumRoot}: one is missing, doubled or changed in it`;
  return [{ code: 'ROOT_MISMATCH', message }];
}

function compareChecksums(
  round: Round,
  sound: readonly Contribution[],
  { values, total }: Checksums,
): Finding[] {
  const signed = new Map(round.checksums.map((checksum) => [checksum.member, checksum]));
  const liars = sound.flatMap(({ member }, i) => {
    const checksum = signed.get(member);
    const right = values[i]!.map(encodeChecksumValue);
    return checksum && String(checksum.values) !== String(right) ? [wrongChecksum(checksum, right)] : [];
  });
  const isWhole = sound.length === round.setSize;
  return isWhole ? [...liars, ...compareTotal(round, total)] : liars;
}

function wrongChecksum(
  { member, signer, values }: Round['checksums'][number],
  right: readonly string[],
): Finding {
  const whose = signer === member ? 'its own contribution' : `the contribution of ${member}`;
  const message = `member ${signer} signed the checksum ${values.join(' ')} of ${whose}, which has ${right.join(' ')}`;
  return { code: 'BAD_CHECKSUM', message };
}

/** Σ h_i = <r, C> for each repetition (PROTOCOL.md section 5). */
function compareTotal({ checksums }: Round, total: readonly bigint[]): Finding[] {
  try {
    total.forEach((value, repetition) => {
      const signed = checksums.map(({ values }) => parseChecksumValue(values[repetition] ?? ''));
      const what = `the signed checksums do not add up to that of the sum in repetition ${repetition + 1}`;
      refuseUnless(isChecksumSum(signed, value), 'BAD_CHECKSUM', what);
    });
    return [];
  } catch (error) {
    return [toFindingOrGap(error)];
  }
}
