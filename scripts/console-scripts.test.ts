import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importsOf, laterOf, scriptsOfPage } from './console-scripts.ts';

test('what a script imports comes with it, and the rest when it asks for it', () => {
  const source =
    'import{a}from"./index-12345678.js";import "./b.js";const c=()=>import(`./later-page-1.js`);';
  assert.deepEqual(importsOf(source), ['index-12345678.js', 'b.js']);
  assert.deepEqual(laterOf(source), ['later-page-1.js']);
});

test('a page needs the scripts of its own with theirs, each once, and those it may ask for, but no other page', () => {
  const sources = new Map([
    ['index-AAAAAAAA.js', 'import(`./job-page-BBBBBBBB.js`),import(`./site-page-EEEEEEEE.js`)'],
    [
      'job-page-BBBBBBBB.js',
      'from"./index-AAAAAAAA.js";from"./table-CCCCCCCC.js";import("./chart-DDDDDDDD.js")',
    ],
    ['table-CCCCCCCC.js', 'from"./index-AAAAAAAA.js"'],
    ['chart-DDDDDDDD.js', ''],
    ['site-page-EEEEEEEE.js', ''],
  ]);
  const ofJob = [...sources.keys()].filter((name) => !name.startsWith('site'));
  assert.deepEqual([...scriptsOfPage('overview', sources)], ['index-AAAAAAAA.js']);
  assert.deepEqual([...scriptsOfPage('job', sources)].toSorted(), ofJob.toSorted());
  assert.throws(() => scriptsOfPage('audit', sources), /no audit-page\.js/);
});
