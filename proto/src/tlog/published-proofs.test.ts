// Vector V2: cases of transparency-dev/merkle as they are published, with their verdicts; and the claims that are rebuilt from the good
// ones, where they have the same name.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseBase64 } from '../base64.ts';
import { verifyConsistency, verifyInclusion, type ConsistencyClaim, type InclusionClaim } from './merkle.ts';
import { REBUILT_CONSISTENCIES, REBUILT_INCLUSIONS } from './rebuilt-proofs.fixture.ts';

const { cases } = JSON.parse(
  readFileSync(new URL('../../../test/vectors/tlog/merkle-originals.json', import.meta.url), 'utf8'),
) as { cases: { path: string; text: string }[] };

/** Cases that are accepted there and refused here: their "roots" are no hashes, and one is about an empty tree. */
const STRICTER = new Set([
  'consistency/additional/sizes-are-equal-one-and-proof-is-empty',
  'consistency/additional/sizes-are-equal-zero-and-proof-is-empty',
]);

/** Defects whose published value is no hash, or another one; the rebuilt one is as long as a hash. */
const OTHER_VALUE = /garbage|wrong-|random-root|inserted-component|removed-component/;

interface Published {
  /** As in `inclusion/1/happy-path`. */
  readonly name: string;
  readonly wantErr: boolean;
  readonly claim: InclusionClaim | ConsistencyClaim;
}

/** Sizes go up to 2^64-1, which JSON's numbers do not hold. */
function parseCase({ path, text }: { path: string; text: string }): Published {
  const fields = JSON.parse(text.replace(/: ?([0-9]+)/g, ':"$1"')) as Record<string, string> & {
    readonly proof: unknown;
    readonly wantErr: unknown;
  };
  const hash = (name: string) => parseBase64(fields[name]!, name);
  const proof = ((fields.proof ?? []) as string[]).map((text) => parseBase64(text, 'proof'));
  const name = path.replace(/^testdata\/|\.json$/g, '');
  const claim = name.startsWith('inclusion/')
    ? {
        index: BigInt(fields['leafIdx'] ?? fields['leafIndex']!),
        size: BigInt(fields['treeSize']!),
        ...{ root: hash('root'), leafHash: hash('leafHash'), proof },
      }
    : {
        ...{ oldSize: BigInt(fields['size1']!), newSize: BigInt(fields['size2']!) },
        ...{ oldRoot: hash('root1'), newRoot: hash('root2'), proof },
      };
  return { name, wantErr: fields.wantErr as boolean, claim };
}

const verify = (claim: Published['claim']) =>
  'index' in claim ? verifyInclusion(claim) : verifyConsistency(claim);
const published = cases.map(parseCase);

test('every published case is judged here as it is there, or more strictly where that is said', () => {
  for (const { name, wantErr, claim } of published) {
    if (wantErr || STRICTER.has(name)) assert.throws(() => verify(claim), { code: 'BAD_PROOF' }, name);
    else assert.doesNotThrow(() => verify(claim), name);
  }
  const bad = published.filter(({ wantErr }) => wantErr).length;
  assert.deepEqual({ all: published.length, bad }, { all: 47, bad: 34 });
});

test('a rebuilt claim is the published one of its name', () => {
  const rebuilt = new Map(
    [...REBUILT_INCLUSIONS, ...REBUILT_CONSISTENCIES].flatMap(({ name, good, bad }) =>
      Object.entries({ 'happy-path': good, ...bad }).map(([defect, claim]) => [`${name}/${defect}`, claim]),
    ),
  );
  let compared = 0;
  for (const { name, claim } of published) {
    if (!rebuilt.has(name)) continue;
    if (OTHER_VALUE.test(name)) continue;
    assert.deepEqual(rebuilt.get(name), claim, name);
    compared++;
  }
  assert.equal(compared, 24);
});
