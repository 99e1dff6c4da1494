import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importsOf, scriptsOfPage } from './console-scripts.ts';

test('what a script imports is needed with it, and what it may ask for later is not', () => {
  const source =
    'import{a}from"./index-12345678.js";import "./b.js";const c=()=>import(`./later-page-1.js`);';
  assert.deepEqual(importsOf(source), ['index-12345678.js', 'b.js']);
});

test('a page needs the scripts of its own with theirs, each once', () => {
  const sources = new Map([
    ['index-AAAAAAAA.js', 'import(`./job-page-BBBBBBBB.js`)'],
    ['job-page-BBBBBBBB.js', 'from"./index-AAAAAAAA.js";from"./table-CCCCCCCC.js"'],
    ['table-CCCCCCCC.js', 'from"./index-AAAAAAAA.js"'],
  ]);
  assert.deepEqual([...scriptsOfPage('overview', sources)], ['index-AAAAAAAA.js']);
  assert.deepEqual([...scriptsOfPage('job', sources)].toSorted(), [...sources.keys()].toSorted());
  assert.throws(() => scriptsOfPage('audit', sources), /no audit-page\.js/);
});
