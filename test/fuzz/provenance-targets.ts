// Bundles that somebody else hands to a verifier.
import {
  parseBundle,
  parseModelStatement,
  encodeBundle,
  encodeModelStatement,
} from '@blindsum/proto/provenance';
import { createSampleBundle } from '../../proto/src/provenance/bundled-records.fixture.ts';
import { bytesTarget, type FuzzTarget } from './fuzz-target.ts';

const { keyHint, envelope, entry } = createSampleBundle();
const files = ['model.bsm', 'README.md'].map((name) => ({ name, digest: keyHint }));

export const PROVENANCE_TARGETS: readonly FuzzTarget[] = [
  bytesTarget(
    'bundle',
    [encodeBundle({ keyHint, envelope, entry }), encodeBundle({ keyHint, envelope })],
    parseBundle,
  ),
  bytesTarget('model-statement', [encodeModelStatement({ name: 'model', files })], parseModelStatement),
];
