// A job file while it is written: what is wrong with it and where, by the parsers that the coordinator and the sites use.
import {
  CHUNK_BYTES,
  createManifest,
  createModelLayout,
  inputWidth,
  packedChunks,
  packingLayout,
  parseDataSchemaConfiguration,
  parseJobFile,
  Refusal,
  roundMinimum,
  roundThreshold,
  type Author,
  type JobFile,
  type Manifest,
  type Roster,
} from '@blindsum/proto';
import { toBytes, toCount, toDuration, toNumberText } from './format.ts';
import { parseProblems, type JobProblem } from './job-problems.ts';

/** Above this many parameters the first model is made when the job is signed, not while it is written. */
const MOST_AT_ONCE = 200_000;

/** Whoever writes the file is asked for a key when it is signed: before that, the author is nobody. */
export const NOBODY: Author = { name: 'nobody yet', key: '0'.repeat(64) };

export type Checked =
  | { readonly kind: 'wrong'; readonly problems: readonly JobProblem[] }
  | { readonly kind: 'right'; readonly file: JobFile; readonly facts: readonly JobFact[] };

/** What the settings come to. */
export interface JobFact {
  readonly name: string;
  readonly value: string;
}

/** Checks what YAML or JSON gave, for a roster; every place where something is wrong is named. */
export function checkJobFile(value: unknown, roster: Roster): Checked {
  try {
    const file = parseJobFile(value);
    const { parameterCount } = createModelLayout(
      file.model,
      inputWidth(parseDataSchemaConfiguration(file.data)),
    );
    const isSmall = parameterCount <= MOST_AT_ONCE;
    // A small model stands for a large one: everything else about the job is checked as it is.
    const manifest = createManifest(isSmall ? file : withSmallModel(file), roster, NOBODY);
    return {
      kind: 'right',
      file,
      facts: toFacts(manifest, isSmall ? manifest.model.parameters : parameterCount, roster),
    };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { kind: 'wrong', problems: parseProblems(error) };
  }
}

/** The manifest to sign; refuses as createManifest does. */
export function toManifest(file: JobFile, roster: Roster, author: Author): Manifest {
  return createManifest(file, roster, author);
}

function withSmallModel(file: JobFile): JobFile {
  const { parameters: _, ...model } = file.model;
  return { ...file, model: { ...model, hidden: [] } };
}

function toFacts(manifest: Manifest, parameters: number, { members }: Roster): JobFact[] {
  const sites = members.length;
  const { waits, rounds } = manifest;
  const longest =
    waits.collectSeconds +
    waits.acknowledgeSeconds +
    waits.checksumSeconds +
    waits.openSeconds +
    waits.attestSeconds;
  return [
    { name: 'Parameters', value: toNumberText(parameters) },
    { name: 'Inputs', value: toNumberText(inputWidth(manifest.data)) },
    { name: 'Rounds', value: `${toNumberText(rounds)} of training, 2 around them` },
    { name: 'An update', value: toBytes(updateBytes(manifest, parameters)) },
    { name: 'Opened by', value: `${roundThreshold(manifest, sites)} of ${toCount(sites, 'member')}` },
    { name: 'Fewest in a sum', value: toCount(roundMinimum(manifest, sites), 'site') },
    { name: 'A round takes at most', value: toDuration(longest * 1000) },
  ];
}

/** Of a site's ciphertext in a round of training: whole chunks, the first of them for what is counted beside the update. */
function updateBytes({ encoding, contributors }: Manifest, parameters: number): number {
  const packing = packingLayout({ bits: encoding.bits, sites: contributors.capacity });
  return (1 + packedChunks(packing, parameters)) * CHUNK_BYTES;
}
