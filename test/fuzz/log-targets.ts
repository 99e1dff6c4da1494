// What an auditor reads of a log that somebody else wrote.
import { utf8 } from '@blindsum/proto';
import { verifyEd25519 } from '@blindsum/proto/node';
import {
  encodeRecord,
  encodeSkey,
  openCheckpoint,
  parseBundlePath,
  parseCheckpoint,
  parseEntryBundle,
  parseEnvelope,
  parseLeaf,
  parseNote,
  parseRecord,
  parseSkey,
  parseTile,
  parseTilePath,
  parseVkey,
} from '@blindsum/proto/tlog';
import { lateConsent, sampleRecords, SITES, VKEY, writeLog } from '../../auditor/src/sample-log.fixture.ts';
import { bytesTarget, textTarget, type FuzzTarget } from './fuzz-target.ts';

const records = [...sampleRecords(1), lateConsent(SITES[0]!)];
const files = writeLog(records);
const checkpoint = files.get('checkpoint')!;
const key = parseVkey(VKEY);
const under = (start: string) => [...files.keys()].filter((path) => path.startsWith(start));
const bundlePath = under('tile/entries/').at(-1)!;
const tilePath = under('tile/0/').at(-1)!;
const bundle = files.get(bundlePath)!;
const leaves = parseEntryBundle(bundle, records.length);

export const LOG_TARGETS: readonly FuzzTarget[] = [
  bytesTarget('note', [checkpoint], parseNote),
  textTarget(
    'checkpoint',
    [Buffer.from(checkpoint).toString('utf8').split('\n\n')[0]! + '\n'],
    parseCheckpoint,
  ),
  bytesTarget('signed-checkpoint', [checkpoint], (input) => openCheckpoint(input, key, verifyEd25519)),
  bytesTarget('tile', [files.get(tilePath)!], (input) => parseTile(input, records.length)),
  textTarget('tile-path', [tilePath, 'tile/1/x001/234.p/17'], parseTilePath),
  textTarget('bundle-path', [bundlePath, 'tile/entries/x001/234'], parseBundlePath),
  bytesTarget('entry-bundle', [bundle], (input) => parseEntryBundle(input, records.length)),
  bytesTarget('leaf', leaves, parseLeaf),
  bytesTarget('record', records.map(encodeRecord), parseRecord),
  bytesTarget(
    'envelope',
    under('records/').map((path) => files.get(path)!),
    parseEnvelope,
  ),
  textTarget('verifier-key', [VKEY], parseVkey),
  textTarget('signing-key', [encodeSkey(key, utf8('0123456789abcdef0123456789abcdef'))], parseSkey),
];
