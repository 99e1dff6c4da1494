// The policy file: strict, with the place of each mistake; hours; patterns of names; and a file that changes while one looks.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { Refusal } from '@blindsum/proto';
import { ALLOW_ALL } from '../../../test/fixtures/policies.ts';
import { isWithinHours, parseHours } from './hours.ts';
import { isLike } from './name-pattern.ts';
import { createPolicyFile } from './policy-file.ts';
import { loadPolicy, NOTHING_ALLOWED, parsePolicy } from './policy.ts';

const directory = await mkdtemp(join(tmpdir(), 'blindsum-policy-'));
after(() => rm(directory, { recursive: true }));

async function write(text: string): Promise<string> {
  const path = join(directory, 'policy.yaml');
  await writeFile(path, text);
  return path;
}

test('each mistake is named with its place', async () => {
  const mistakes: [string, RegExp][] = [
    ['jbos: any', /^policy\.yaml: document: .*jbos/],
    ['jobs: all', /^policy\.yaml: jobs: expected any, or a list/],
    ['jobs: [Breast]', /^policy\.yaml: jobs\.0: a pattern/],
    ['authors: [dr-who]', /^policy\.yaml: authors\.0: a fingerprint/],
    ['columns: [1]', /^policy\.yaml: columns\.0: /],
    ['maxRounds: 10', /^policy\.yaml: maxRounds: /],
    ['maxRounds: { job: 10, total: 3 }', /^policy\.yaml: maxRounds: .*total/],
    ['maxClipNorm: .inf', /^policy\.yaml: maxClipNorm: /],
    ['minContributors: 1', /^policy\.yaml: minContributors: /],
    ['minThreshold: { fraction: 1.5 }', /^policy\.yaml: minThreshold\.fraction: /],
    ['privacy: some', /^policy\.yaml: privacy: expected none, or a mechanism/],
    ['privacy: { mechanism: gauss, maxEpsilon: 1, maxDelta: 0.1 }', /^policy\.yaml: privacy: /],
    ['approval: nobody', /^policy\.yaml: approval: /],
    ['hours: at night', /^policy\.yaml: hours: expected hours and a time zone/],
    ['hours: 22:00-06:00 Europe/Atlantis', /^policy\.yaml: hours: Europe\/Atlantis is no time zone/],
    ['hours: 06:00-06:00 UTC', /^policy\.yaml: hours: begin and end are the same/],
    ['hours: 24:00-06:00 UTC', /^policy\.yaml: hours: expected/],
    ['jobs: [a]\njobs: [b]', /^policy\.yaml:2:1: Map keys must be unique/],
    ['[]', /^policy\.yaml: document: /],
  ];
  for (const [text, place] of mistakes) {
    const path = await write(text);
    await assert.rejects(
      loadPolicy(path),
      (error) => error instanceof Refusal && error.code === 'CONFIG_INVALID' && place.test(error.detail),
      text,
    );
  }
});

test('an empty file allows what no file allows: nothing', async () => {
  assert.deepEqual(await loadPolicy(await write('# nothing yet\n')), NOTHING_ALLOWED);
  assert.deepEqual(await createPolicyFile(undefined).current(), NOTHING_ALLOWED);
});

test('a policy counts as it is on the disk, and one with a mistake counts as none', async () => {
  const path = await write('jobs: [a]');
  const source = createPolicyFile(path);
  assert.deepEqual((await source.current()).jobs, ['a']);
  assert.equal(await source.current(), await source.current());
  await write('jobs: [b]');
  assert.deepEqual((await source.current()).jobs, ['b']);
  await write('jobs: b');
  for (let i = 0; i < 2; i++) await assert.rejects(source.current(), { code: 'CONFIG_INVALID' });
  await rm(path);
  await assert.rejects(source.current(), { code: 'CONFIG_INVALID' });
  await write('jobs: [c]');
  assert.deepEqual((await source.current()).jobs, ['c']);
});

test('hours are those of the clock on the wall, over midnight and over the change of summer time', () => {
  const night = parseHours('22:00-06:00 Europe/Berlin');
  const at = (text: string) => isWithinHours(night, Date.parse(text));
  assert.deepEqual(
    ['20:59', '21:00', '23:30', '04:59', '05:00', '12:00'].map((time) => at(`2026-01-15T${time}:00Z`)),
    [false, true, true, true, false, false],
  );
  // In summer Berlin is two hours ahead.
  assert.deepEqual(
    ['19:59', '20:00', '03:59', '04:00'].map((time) => at(`2026-07-15T${time}:00Z`)),
    [false, true, true, false],
  );
  const day = parseHours('09:00-17:30 UTC');
  assert.deepEqual(
    ['08:59', '09:00', '17:29', '17:30'].map((time) =>
      isWithinHours(day, Date.parse(`2026-01-15T${time}:00Z`)),
    ),
    [false, true, true, false],
  );
});

test('a pattern means what its regular expression would, and takes no time over it', () => {
  const letters = fc.stringMatching(/^[ab-]{0,8}$/);
  const patterns = fc.stringMatching(/^[ab*-]{1,8}$/);
  fc.assert(
    fc.property(patterns, letters, (pattern, name) => {
      const expression = new RegExp(`^${pattern.replaceAll('*', '.*')}$`);
      assert.equal(isLike(pattern, name), expression.test(name));
    }),
    { numRuns: 2000 },
  );
  assert.equal(isLike('*a'.repeat(30), 'a'.repeat(62)), true);
  assert.equal(isLike(`${'*a'.repeat(30)}b`, 'a'.repeat(62)), false);
});

test('prototype keys are unknown keys', () => {
  const value: unknown = JSON.parse(JSON.stringify(ALLOW_ALL).replace('{', '{"__proto__":{"jobs":"any"},'));
  assert.throws(() => parsePolicy(value), { code: 'CONFIG_INVALID' });
});
