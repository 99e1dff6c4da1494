import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHUNK_BYTES, createManifest, parseJobFile, payloadLayout, placeholderRoster } from '@blindsum/proto';
import { readYaml } from '@blindsum/proto/yaml';
import { toAttention } from './attention.ts';
import { toCurveGroups, toRoundRange } from './curves.ts';
import { lineOf, pathAt } from './document-lines.ts';
import { job, NOW, overview, round, site } from './documents.fixture.ts';
import { EXAMPLE_JOB } from './example-job.ts';
import { toBytes } from './format.ts';
import { checkJobFile, NOBODY } from './job-editor.ts';
import { parseProblems } from './job-problems.ts';
import { applyEvent, toLiveState, withRound } from './live-state.ts';
import { parseRoute, toJobAddress } from './route.ts';
import { toTimeline } from './round-timeline.ts';
import { SETTINGS } from './setting-table.ts';
import { toSiteProgress, withProgress, type Uploads } from './uploads.ts';

test('nothing needs a person while all is well; a stopped log comes before a site that a job waits for', () => {
  assert.deepEqual(toAttention(toLiveState(overview()), NOW), []);
  const current = { ...job().current!, awaited: [{ site: 'hospital-a', what: 'commitment' }] };
  const { log } = overview();
  const troubled = overview({
    jobs: [job({ current })],
    sites: [site('hospital-a', { online: false }), site('hospital-b', { online: false })],
    log: { ...log, stopped: 'LOG_STOPPED' },
  });
  const [first, second, ...more] = toAttention(toLiveState(troubled), NOW);
  assert.match(first!.title, /log has stopped/);
  assert.match(second!.title, /^hospital-a is away, and a-job waits for it$/);
  assert.deepEqual(more, []);
});

test('each event replaces what it tells of, and nothing else', () => {
  const state = toLiveState(overview());
  const away = { atMs: 5, site: { ...site('hospital-a'), online: false } };
  const after = applyEvent(state, { id: '1', type: 'site', data: away });
  assert.equal(after.sites.get('hospital-a')?.online, false);
  assert.equal(state.sites.get('hospital-a')?.online, true);
  const log = { ...overview().log, size: 9, quorum: [], witnesses: [] };
  const grown = applyEvent(state, { id: '2', type: 'log', data: { atMs: 5, log } });
  assert.deepEqual(grown, { ...state, overview: { ...state.overview, log } });
  assert.equal(applyEvent(state, { id: '3', type: 'reset', data: { atMs: 5 } }), state);
  assert.deepEqual(
    withRound([round(), round({ round: 2 })], round({ attempt: 2 })).map((one) => [one.round, one.attempt]),
    [
      [1, 1],
      [1, 2],
      [2, 1],
    ],
  );
});

test('a round is a bar of phases whose widths add up, with who is not in and why', () => {
  const late = round({ leftOut: [{ site: 'hospital-b', what: 'late' }] });
  const [view] = toTimeline([late], 5, NOW + 9999);
  assert.deepEqual(
    view?.segments.map(({ width }) => width),
    [0.75, 0.25],
  );
  assert.deepEqual(view.leftOut, [{ what: 'update too late', sites: ['hospital-b'] }]);
  assert.match(view.spoken, /Round 1 of 5: Published\. Collecting: 3\.0 s/);
});

test('an upload grows, and what an earlier round says changes nothing', () => {
  const progress = { job: 'a-job', round: 2, attempt: 1, site: 'hospital-b', kind: 'ciphertext' as const };
  const uploads = [
    { ...progress, bytes: 50, ofBytes: 200 },
    { ...progress, bytes: 100, ofBytes: 200 },
    { ...progress, round: 1, bytes: 7, ofBytes: 7 },
  ].reduce(withProgress, new Map() as Uploads);
  const shown = round({ round: 2, phase: 'collecting' });
  const sites = ['hospital-a', 'hospital-b'];
  assert.deepEqual(
    toSiteProgress(shown, sites, uploads).map(({ standing, fraction }) => [standing, fraction]),
    [
      ['in', 1],
      ['uploading', 0.5],
    ],
  );
});

test('losses and metrics are curves apart, and counts are none', () => {
  const counts = { contributors: 3, examples: 9, clipped: 0.1, evaluated: 9 };
  const point = { kind: 'training', publishedMs: NOW, accuracy: null, ...counts } as const;
  const groups = toCurveGroups([
    { ...point, round: 0, loss: null, auc: null },
    { ...point, round: 1, loss: 0.5, auc: 0.9 },
  ]);
  assert.deepEqual(
    groups.map(({ title, curves }) => [title, curves.map(({ values }) => values)]),
    [
      ['Loss', [[null, 0.5]]],
      ['Metrics', [[null, 0.9]]],
    ],
  );
});

test('an axis of rounds goes from the first value to the last, and has room for a line', () => {
  const curve = (values: readonly (number | null)[]) =>
    [{ measure: 'loss', label: '', values, last: null }] as const;
  assert.deepEqual(toRoundRange({ rounds: [0, 1], curves: curve([null, 0.5]) }), [1, 5]);
  const rounds = [0, 1, 2, 3, 4, 5, 6];
  assert.deepEqual(toRoundRange({ rounds, curves: curve([null, ...rounds.slice(1)]) }), [1, 6]);
  assert.deepEqual(toRoundRange({ rounds: [], curves: [] }), [0, 4]);
});

test('an update is told with the bytes that a site sends', () => {
  const roster = placeholderRoster(3, 'federation.example');
  const value = readYaml(EXAMPLE_JOB).value as { model: object };
  for (const hidden of [[], [16, 8], [1000, 400]]) {
    const written = { ...value, model: { ...value.model, hidden } };
    const checked = checkJobFile(written, roster);
    assert.equal(checked.kind, 'right');
    const { chunks } = payloadLayout(createManifest(checked.file, roster, NOBODY), 'training');
    const fact = checked.facts.find(({ name }) => name === 'An update');
    assert.equal(fact?.value, toBytes(chunks * CHUNK_BYTES));
  }
});

test('every setting of a job file is explained, and nothing that is none', () => {
  const text = `${EXAMPLE_JOB}\nthreshold: 3\n`;
  const value = readYaml(text).value as { model: object; contributors: object };
  const full = parseJobFile({
    ...value,
    model: { ...value.model, seed: 'x', parameters: 209 },
    contributors: { ...value.contributors, tolerated: 0, capacity: 4 },
  });
  const manifest = createManifest(full, placeholderRoster(3, 'federation.example'), NOBODY);
  const made = new Set(['format', 'federation', 'author', 'parameterSet', 'modelVisibility']);
  const inner = new Set(['model.initialHash', 'contributors.all']);
  const names = [...pathsOf(full), ...pathsOf(manifest)].filter(
    (path) => !made.has(path.split('.')[0]!) && !inner.has(path),
  );
  const explained = SETTINGS.map(({ path }) => path).filter((path) => !path.startsWith('data.features.'));
  assert.deepEqual([...new Set(names)].toSorted(), explained.toSorted());
});

function pathsOf(value: object, before = ''): string[] {
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? pathsOf(inner, `${before}${name}.`)
      : [`${before}${name}`],
  );
}

test('what is wrong with a job is named with its place and its line', () => {
  const text = EXAMPLE_JOB.replace('epochs: 2', 'epochs: -2\n  colour: red');
  const { value, root } = readYaml(text);
  const checked = checkJobFile(value, placeholderRoster(3, 'federation.example'));
  assert.equal(checked.kind, 'wrong');
  const places = checked.problems.map(({ path }) => `${path.join('.')}:${lineOf(root, path, text)}`);
  assert.deepEqual(places.toSorted(), ['training.colour:12', 'training.epochs:11']);
  assert.deepEqual(pathAt(root, text.indexOf('epochs') + 2), ['training', 'epochs']);
  const example = checkJobFile(readYaml(EXAMPLE_JOB).value, placeholderRoster(3, 'federation.example'));
  assert.equal(example.kind, 'right');
  const [problem] = parseProblems({ code: 'CONFIG_INVALID', detail: 'data schema: features.0: min; max' });
  assert.deepEqual([problem?.path, problem?.message], [['data', 'features', '0'], 'min; max']);
});

test('an address is a page, and a page has an address', () => {
  assert.deepEqual(parseRoute(toJobAddress('a-job', 'privacy')), {
    page: 'job',
    job: 'a-job',
    tab: 'privacy',
  });
  for (const wrong of ['#/jobs/x/y', '#/nothing', '#/sites/a/b', '#/jobs/a/progress/b', '#/jobs/%E0'])
    assert.ok(['unknown', 'job'].includes(parseRoute(wrong).page), wrong);
  assert.equal(parseRoute('#/jobs/x/y').page, 'unknown');
});
