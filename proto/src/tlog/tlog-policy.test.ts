import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createEd25519Signer } from '../../node/ed25519.ts';
import { utf8 } from '../bytes.ts';
import { createNoteKey, encodeVkey, type NoteKeyType } from './note-key.ts';
import { encodeTlogPolicy, isQuorumMet, parseTlogPolicy } from './tlog-policy.ts';

const vkeyOf = (name: string, seed: number, type: NoteKeyType = 'ed25519-cosignature') =>
  encodeVkey(createNoteKey(name, createEd25519Signer(new Uint8Array(32).fill(seed)).publicKey, type));
const LOG = vkeyOf('log.example.org', 1, 'ed25519');
const [X1, X2, X3, Y1, Y2] = [1, 2, 3, 4, 5].map((i) => vkeyOf(`w${i}.example`, 10 + i)) as [
  string,
  string,
  string,
  string,
  string,
];
const PQ = readFileSync(new URL('../../../test/vectors/tlog/pq.vkey', import.meta.url), 'utf8').trim();
const parse = (text: string) => parseTlogPolicy(utf8(text));

const TWO_LEVELS = `log ${LOG} https://log.example.org/
witness x1 ${X1} https://w1.example/
witness x2 ${X2}
witness x3 ${X3}
witness y1 ${Y1}
witness pq ${PQ}
group x 2 x1 x2 x3
group y any y1 pq
group both all x y
quorum both
`;

test('a policy of two levels survives its spelling', () => {
  const policy = parse(TWO_LEVELS);
  assert.equal(encodeTlogPolicy(policy), TWO_LEVELS);
  assert.deepEqual(policy.groups[0], { name: 'x', threshold: 2, members: ['x1', 'x2', 'x3'] });
  assert.equal(policy.witnesses[4]!.key.type, 'ml-dsa-44-cosignature');
});

test('a quorum of two levels is met by enough of each group, and by nothing less', () => {
  const policy = parse(TWO_LEVELS);
  const met = (...names: string[]) => isQuorumMet(policy, new Set(names));
  assert.equal(met('x1', 'x3', 'y1'), true);
  assert.equal(met('x1', 'x2', 'x3', 'y1', 'pq'), true);
  assert.equal(met('x1', 'y1', 'pq'), false);
  assert.equal(met('x1', 'x2', 'x3'), false);
  assert.equal(met('x1', 'x2', 'somebody'), false);
  assert.equal(met(), false);
});

test('a quorum is one witness, or none', () => {
  const one = parse(`witness w ${X1}\nquorum w\n`);
  assert.equal(isQuorumMet(one, new Set(['w'])), true);
  assert.equal(isQuorumMet(one, new Set()), false);
  assert.equal(isQuorumMet(parse('quorum none\n'), new Set()), true);
});

test('comments, empty lines, tabs and surrounding white space mean nothing', () => {
  const text = `# who watches\n\n \t\n  witness\tw   ${X1}\t \n\t# more\nquorum w\n`;
  assert.equal(encodeTlogPolicy(parse(text)), `witness w ${X1}\nquorum w\n`);
});

test('a name is any octets without white space', () => {
  const policy = parse(`witness K ${X1}\nwitness \u212a ${X2}\ngroup g any K \u212a\nquorum g\n`);
  assert.equal(isQuorumMet(policy, new Set(['\u212a'])), true);
});

const BAD: Record<string, string> = {
  empty: '',
  'no quorum': `log ${LOG}\n`,
  'two quorums': 'quorum none\nquorum none\n',
  'no final newline': 'quorum none',
  'carriage return': 'quorum none\r\n',
  'control character': 'quorum none\n#\u0007\n',
  'unknown keyword': 'include other\nquorum none\n',
  'capital keyword': 'Quorum none\n',
  'a witness that is not defined': 'quorum w\n',
  'a witness that is defined after the quorum': `quorum w\nwitness w ${X1}\n`,
  'a group of a later group': `witness w ${X1}\ngroup a any b\ngroup b any w\nquorum a\n`,
  'a group of itself': `witness w ${X1}\ngroup a any a w\nquorum a\n`,
  'a group with none': `witness w ${X1}\ngroup a any none w\nquorum a\n`,
  'a group of nobody': `witness w ${X1}\ngroup a any\nquorum w\n`,
  'a member twice': `witness w ${X1}\nwitness v ${X2}\ngroup a 2 w w\nquorum a\n`,
  'a threshold of zero': `witness w ${X1}\ngroup a 0 w\nquorum a\n`,
  'a threshold with a leading zero': `witness w ${X1}\ngroup a 01 w\nquorum a\n`,
  'a threshold above the members': `witness w ${X1}\ngroup a 2 w\nquorum a\n`,
  'a threshold that every object has': `witness w ${X1}\ngroup a constructor w\nquorum a\n`,
  'a name twice': `witness w ${X1}\nwitness w ${X2}\nquorum w\n`,
  'a group with the name of a witness': `witness w ${X1}\ngroup w any w\nquorum w\n`,
  'a witness named none': `witness none ${X1}\nquorum none\n`,
  'one key under two names': `witness w ${X1}\nwitness v ${X1}\nquorum w\n`,
  'one public key under two key names': `witness w ${X1}\nwitness v ${vkeyOf('other', 11)}\nquorum w\n`,
  'one log twice': `log ${LOG}\nlog ${LOG}\nquorum none\n`,
  'the key of a log as a witness': `witness w ${LOG}\nquorum w\n`,
  'the key of a witness as a log': `log ${X1}\nquorum none\n`,
  'a vkey that is none': `log ${LOG.slice(0, -1)}\nquorum none\n`,
  'words after the address': `log ${LOG} https://a b\nquorum none\n`,
  'words after the quorum': 'quorum none none\n',
  'more than 4096 lines': `${'\n'.repeat(4096)}quorum none\n`,
};

for (const [defect, text] of Object.entries(BAD)) {
  test(`a policy is refused: ${defect}`, () => {
    assert.throws(() => parse(text), { code: 'MALFORMED' });
  });
}

test('what is wrong with a policy is told with its line', () => {
  assert.throws(() => parse(`witness w ${X1}\n\ngroup g 2 w ${Y2}\nquorum w\n`), /policy, line 3/);
});

test('a policy is refused: invalid UTF-8', () => {
  assert.throws(() => parseTlogPolicy(Uint8Array.of(0x23, 0xff, 0x0a)), { code: 'MALFORMED' });
});
