// The chains of test/vectors/roster-chain.json: the good ones lead to the roster that ends them, the others nowhere.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { encodeRoster, parseRoster, utf8, verifyRosterChain, type RosterLink } from '@blindsum/proto';
import { verifyEd25519 } from '@blindsum/proto/node';

interface Link {
  readonly roster: string;
  readonly approvals: { payload: string; signature: string }[];
}

const file = new URL('vectors/roster-chain.json', import.meta.url);
const vectors = JSON.parse(readFileSync(file, 'utf8')) as {
  rosters: Record<string, string>;
  hashes: Record<string, string>;
  good: { what: string; links: Link[] }[];
  bad: { defect: string; code: string; links: Link[] }[];
};

const toLink = ({ roster, approvals }: Link): RosterLink => ({
  roster: utf8(vectors.rosters[roster]!),
  approvals: approvals.map(({ payload, signature }) => ({
    payload: utf8(payload),
    signature: new Uint8Array(Buffer.from(signature, 'hex')),
  })),
});
const verify = (links: Link[]) => verifyRosterChain(undefined, links.map(toLink), verifyEd25519);

for (const [name, text] of Object.entries(vectors.rosters)) {
  test(`the roster in which ${name} has one spelling`, () => {
    assert.deepEqual(encodeRoster(parseRoster(utf8(text))), utf8(text));
  });
}
for (const { what, links } of vectors.good) {
  test(`a chain of rosters: ${what}`, () => {
    const hashes = links.map(({ roster }) => vectors.hashes[roster]);
    assert.deepEqual(
      verify(links).map(({ hash }) => hash),
      hashes,
    );
  });
}
for (const { defect, code, links } of vectors.bad) {
  test(`a chain of rosters is refused: ${defect}`, () => {
    assert.throws(() => verify(links), { code });
  });
}
