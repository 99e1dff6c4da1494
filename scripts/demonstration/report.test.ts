import assert from 'node:assert/strict';
import test from 'node:test';
import { html } from './html.ts';
import { createOutcome } from './outcome.fixture.ts';
import { problemsOf, toJson } from './outcome.ts';
import { toReport } from './report.ts';
import { toText } from './table.ts';

test('a run in which everything went well has no problems', () => {
  assert.deepEqual(problemsOf(createOutcome()), []);
  assert.match(toText(createOutcome()), /\nOK: every round published/);
});

test('whatever is missing is a problem, in the text and on the page', () => {
  const good = createOutcome();
  const other = { ...good.sites[0]!, modelHash: '00' };
  const failedAt = (round: number) =>
    good.rounds.map((one) => (one.round === round ? { ...one, state: 'failed' } : one));
  const bad = [
    [{ ...good, rounds: failedAt(3) }, /9 of 10 training rounds/],
    [{ ...good, rounds: failedAt(0) }, /statistics round was not published/],
    [{ ...good, rounds: failedAt(11) }, /evaluation round was not published/],
    [{ ...good, sites: [...good.sites.slice(1), other] }, /different models/],
    [{ ...good, audit: good.audit.map((step) => ({ ...step, ok: false })) }, /the audit failed/],
    [{ ...good, audit: [] }, /the audit failed/],
  ] as const;
  for (const [outcome, problem] of bad) {
    assert.match(problemsOf(outcome).join('; '), problem);
    assert.match(toText(outcome), problem);
    assert.match(toReport(outcome), problem);
    assert.equal(toJson(outcome)['ok'], false);
  }
});

test('a round that was repeated and then published counts once', () => {
  const good = createOutcome();
  const again = { ...good.rounds[3]!, attempt: 2 };
  assert.equal(toJson({ ...good, rounds: [...good.rounds, again] })['publishedRounds'], 10);
});

test('the JSON has the keys that programs rely on', () => {
  const json = toJson(createOutcome());
  assert.equal(json['sites'], 3);
  assert.equal(json['rounds'], 10);
  assert.equal(json['publishedRounds'], 10);
  assert.deepEqual(Object.keys(json['federated'] as object).sort(), ['accuracy', 'auc']);
  assert.deepEqual((json['alone'] as object[])[0], { site: 'hospital-a', accuracy: 0.912, auc: 0.9856 });
  assert.equal(json['bytesPerParameter'], 65536 / 641);
  assert.equal((json['logShare'] as number).toFixed(4), (0.05 / (12 * 2.45)).toFixed(4));
  assert.deepEqual(new Set(json['modelHashes'] as string[]).size, 1);
  assert.equal(json['auditOk'], true);
  assert.equal(json['seconds'], 41.2);
});

test('the page loads nothing from elsewhere', () => {
  const page = toReport(createOutcome());
  assert.doesNotMatch(page, /(?:src|href)\s*=|url\(|@import|<script|<link|NaN|undefined|\[object/);
});

test('a run without any round still makes a page', () => {
  assert.match(toReport({ ...createOutcome(), rounds: [] }), /No round was published/);
});

test('what is put into markup cannot leave its place', () => {
  assert.equal(
    html`<b title="${'"<&'}">${[html`<i>${1}</i>`]}</b>`.text,
    '<b title="&#34;&#60;&#38;"><i>1</i></b>',
  );
});
