// What an auditor reads of a log that somebody else wrote.
import { readFileSync } from 'node:fs';
import { utf8 } from '@blindsum/proto';
import { checkSignature, verifyEd25519 } from '@blindsum/proto/node';
import {
  claimCosignedCheckpoint,
  encodeRecord,
  encodeSkey,
  openCheckpoint,
  parseAddCheckpoint,
  parseBundlePath,
  parseCheckpoint,
  parseCosignatures,
  parseCosignerVkey,
  parseEntryBundle,
  parseEnvelope,
  parseLeaf,
  parseNote,
  parseRecord,
  parseSkey,
  parseTile,
  parseTilePath,
  parseTlogPolicy,
  parseTlogProof,
  parseVkey,
  parseWitnessSize,
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

/** Vectors V5 and V6 of the golden log. */
const vector = (name: string) => readFileSync(new URL(`../vectors/tlog/${name}`, import.meta.url), 'utf8');
const POLICY = `log ${vector('log.vkey')} https://example.com/
witness w1 ${vector('w1.vkey')}
witness pq ${vector('pq.vkey')}
group both all w1 pq
group either any both w1
quorum either
`;
const policy = parseTlogPolicy(utf8(POLICY));
const ADD_CHECKPOINT = `old 7\n${vector('five.tlog-proof').split('\n').slice(2, 5).join('\n')}\n\n${vector('checkpoint')}`;

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
  textTarget('cosigner-key', [vector('w1.vkey'), vector('pq.vkey')], parseCosignerVkey),
  textTarget('tlog-policy', [vector('policy'), POLICY], (text) => parseTlogPolicy(utf8(text))),
  textTarget('tlog-proof', [vector('five.tlog-proof')], (text) => parseTlogProof(utf8(text))),
  // Each signature that verifies costs milliseconds.
  textTarget(
    'cosigned-checkpoint',
    [vector('checkpoint')],
    (text) => claimCosignedCheckpoint(utf8(text), policy).verify(checkSignature),
    0.1,
  ),
  textTarget('add-checkpoint', [ADD_CHECKPOINT], (text) => parseAddCheckpoint(utf8(text))),
  textTarget('cosignatures', [vector('checkpoint').split('\n\n')[1]!], (text) =>
    parseCosignatures(utf8(text)),
  ),
  textTarget('witness-size', ['0\n', '18446744073709551615\n'], (text) => parseWitnessSize(utf8(text))),
  textTarget('signing-key', [encodeSkey(key, utf8('0123456789abcdef0123456789abcdef'))], parseSkey),
];
