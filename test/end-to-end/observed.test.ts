// Real processes with traces, metrics and every line of the log switched on, while a coordinator is killed in the middle of a round:
// what Prometheus is answered, what a trace holds, and what each line says it is about.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { parseJobId } from '@blindsum/proto';
import { roundTraceIds } from '@blindsum/proto/tracing';
import { siteViewFormat, type SiteView } from '../../participant/src/view/site-view.ts';
import { findFreePorts } from '../../scripts/demonstration/free-ports.ts';
import { inRound, type Hospital } from '../fixtures/hospital.ts';
import { openRealFederation, type RealFederation } from '../fixtures/real-federation.ts';
import { openSpanCollector, valueOf, type Span, type SpanCollector } from '../fixtures/span-collector.ts';
import { unboundedLabel } from '../monitoring/bounded-labels.ts';
import { documentedEvents } from '../monitoring/documented-events.ts';
import { documented } from '../monitoring/documented-metrics.ts';
import { parsePrometheusText, valueIn, type Family } from '../monitoring/prometheus-text.ts';

const HOSPITALS = ['hospital-a', 'hospital-b', 'hospital-c'];
/** Statistics, one training round, evaluation. */
const ROUNDS = [0, 1, 2];
const DAY_SECONDS = 86_400;
const BEGAN_SECONDS = Date.now() / 1000;

interface Line {
  /** 40 and up: a person should look. */
  readonly level: number;
  readonly event: string;
  /** Of a call. */
  readonly method?: string;
  readonly job?: string;
  readonly round?: number;
  readonly attempt?: number;
  readonly site?: string;
  readonly trace_id?: string;
  readonly span_id?: string;
}

suite('a job that is watched', { timeout: 480_000 }, () => {
  let collector: SpanCollector;
  let federation: RealFederation;
  let name: string;
  const scraped = new Map<string, string>();
  const views = new Map<string, SiteView>();
  const lines = new Map<string, readonly Line[]>();

  before(async () => {
    collector = await openSpanCollector();
    const seen = { tracing: { endpoint: collector.endpoint }, logging: { level: 'debug' } };
    const ports = await findFreePorts(HOSPITALS.length);
    const toListen = (i: number) => ({ metrics: { listen: `127.0.0.1:${ports[i]}` } });
    federation = await openRealFederation({
      ...{ hospitals: 3, rounds: 1, coordinator: seen, site: async () => seen },
      sites: Object.fromEntries(HOSPITALS.map((site, i) => [site, toListen(i)])),
    });
    const { hospitals } = federation;
    await play(federation, async () => {
      scraped.set('coordinator', await federation.metrics());
      const answer = await fetch(`http://127.0.0.1:${ports[0]}/metrics`);
      scraped.set('site', await answer.text());
    });
    for (const one of hospitals)
      views.set(one.site, siteViewFormat.parse(JSON.parse(await one.run('status', '--json'))));
    // Whoever stops sends what is left.
    await federation.processes.stop();
    for (const one of ['coordinator', ...HOSPITALS]) lines.set(one, readLines(federation, one));
    name = collector.spans.map(({ attributes }) => valueOf(attributes, 'federation')).find(Boolean)!;
  });
  after(async () => {
    await federation.remove();
    await collector.close();
  });

  const idsOf = (round: number, attempt = 1) =>
    roundTraceIds({ federation: name, job: parseJobId(federation.job), round, attempt });
  const inTrace = (round: number) =>
    collector.spans.filter(({ traceId }) => traceId === idsOf(round).traceId);
  const byOf = (spans: readonly Span[], span: string) =>
    [...new Set(spans.filter((one) => one.name === span).map(({ by }) => by))].toSorted();

  test('a round is one trace, with the spans of the coordinator and of every hospital', () => {
    const traces = new Set(collector.spans.map(({ traceId }) => traceId));
    assert.deepEqual([...traces].toSorted(), ROUNDS.map((round) => idsOf(round).traceId).toSorted());
    const evaluation = inTrace(2);
    // One call has two spans, one inside the other, by two programs.
    const calls = evaluation.filter((one) => one.name === 'RoundService.Commit');
    const answered = calls.filter(({ by }) => by === name);
    assert.equal(answered.length, 3);
    for (const { parentSpanId } of answered)
      assert.ok(HOSPITALS.includes(calls.find(({ spanId }) => spanId === parentSpanId)!.by));
    for (const { attributes } of collector.spans)
      for (const { key } of attributes)
        assert.ok(
          ['federation', 'job', 'round', 'attempt', 'site', 'code', 'result', 'contributors'].includes(key),
          key,
        );
  });

  test('a round in which the coordinator was killed is one trace as well', () => {
    const training = inTrace(1);
    for (const span of ['round', 'collect', 'seal', 'check', 'open', 'sum', 'publish'])
      assert.deepEqual(byOf(training, span), [name], span);
    for (const span of ['contribute', 'train', 'encrypt', 'upload', 'open at site', 'verify and apply'])
      assert.deepEqual(byOf(training, span), HOSPITALS, span);
    // All are inside the span of the whole round, which the coordinator made.
    const ids = new Set(training.map(({ spanId }) => spanId));
    for (const { parentSpanId, name: span } of training)
      assert.ok(span === 'round' ? !parentSpanId : ids.has(parentSpanId!), span);
    assert.equal(training.find((one) => one.name === 'round')!.spanId, idsOf(1).spanId);
  });

  test('whatever a hospital has sent for a round is a call in the trace of that round', () => {
    for (const site of HOSPITALS) {
      const { attempts } = views.get(site)!.sent;
      assert.deepEqual(attempts.map(({ round }) => round).toSorted(), ROUNDS);
      for (const { round, messages } of attempts) {
        const calls = inTrace(round).filter((one) => one.by === site);
        const made = (method: string) => calls.filter((one) => one.name === method).length;
        const sent = new Map<string, number>();
        for (const { kind, times } of messages) {
          const method = METHODS[kind]!;
          sent.set(method, (sent.get(method) ?? 0) + times);
        }
        assert.equal(sent.size, 6);
        for (const [method, times] of sent) assert.equal(made(method), times, `${site} ${round} ${method}`);
        for (const fetched of ['Shares', 'Sum', 'Openings'])
          assert.equal(made(`DownloadService.Download${fetched}`), 1, `${site} ${round} ${fetched}`);
      }
    }
  });

  test('each line names the job, the round, the attempt and the site that it is about', () => {
    const tables = {
      coordinator: documentedEvents('The coordinator'),
      site: documentedEvents('The agent of a site'),
    };
    for (const [program, all] of lines) {
      const table = tables[program === 'coordinator' ? 'coordinator' : 'site'];
      assert.ok(all.length > 20, program);
      for (const line of all) {
        const subjects = new Set(table.get(line.event) ?? assert.fail(`${line.event} is in no table`));
        // A line of a site always has its site.
        if (program !== 'coordinator') assert.equal(line.site, program);
        // Before it is known which jobs there are.
        if (line.event === 'waiting' && line.job === undefined) subjects.delete('job');
        // A call names what its request does.
        if (line.method !== undefined && NO_ROUND.test(line.method))
          for (const one of ['round', 'attempt'] as const) subjects.delete(one);
        for (const one of ['job', 'round', 'attempt'] as const)
          assert.equal(line[one] !== undefined, subjects.has(one), `${one} in ${JSON.stringify(line)}`);
        if (subjects.has('site')) assert.ok(line.site, JSON.stringify(line));
      }
    }
  });

  test('nothing that goes as it should is a warning of the coordinator', () => {
    assert.deepEqual(
      lines.get('coordinator')!.filter(({ level }) => level >= 40),
      [],
    );
  });

  test('a line about a round is in the trace of that round, and a line of a step in the span of that step', () => {
    const named = new Map(collector.spans.map((span) => [`${span.traceId} ${span.spanId}`, span.name]));
    for (const [program, all] of lines)
      for (const { event, round, trace_id, span_id } of all) {
        if (round === undefined) {
          assert.equal(trace_id, undefined, event);
          continue;
        }
        assert.equal(trace_id, idsOf(round).traceId, event);
        // Spans that a process had not sent yet are lost when it is killed.
        if (program === 'coordinator') continue;
        const span = named.get(`${trace_id} ${span_id}`);
        assert.equal(span, SPANS[event] ?? 'round', `${event} of ${program}`);
      }
  });

  test('a site answers Prometheus with all that the manual names, as it has happened', () => {
    const text = scraped.get('site')!;
    const families = parsePrometheusText(text);
    assertDocumented(families, 'Metrics of a site', 'blindsum_site_');
    const at = (metric: string, labels = {}) => valueIn(families, `blindsum_site_${metric}`, labels);
    const [site] = federation.hospitals as [Hospital, ...Hospital[]];
    for (const [kind, applied] of [
      ['statistics', 1],
      ['training', 1],
      ['evaluation', 0],
    ] as const) {
      assert.equal(at('rounds_total', { kind, result: 'committed' }), 1, kind);
      assert.equal(at('rounds_total', { kind, result: 'applied' }), applied, kind);
    }
    for (const [step, times] of [
      ['train', 1],
      ['encrypt', 3],
      ['commit', 3],
      ['apply', 2],
    ] as const) {
      assert.equal(at('step_seconds_count', { step }), times, step);
      assertBetween(at('step_seconds_sum', { step }), [0, Date.now() / 1000 - BEGAN_SECONDS]);
    }
    const bytes = sum(site.all('uploaded').map(({ ciphertextBytes }) => ciphertextBytes));
    assert.equal(at('upload_bytes_total', { kind: 'ciphertext' }), bytes);
    assert.equal(at('upload_resumes_total', { kind: 'ciphertext' }), 0);
    assert.equal(at('backend_info', { backend: site.all('trained')[0]!.backend }), 1);
    assert.equal(at('contributors'), 3);
    assert.deepEqual([at('log_alarm'), at('trainings_open')], [0, 0]);
    assert.ok(at('waits_total', { code: 'UNAVAILABLE' }) > 0);
    assert.ok(at('log_entries') > 3);
    assert.ok(at('state_bytes') > bytes && at('disk_free_bytes') > 1e6);
    assertBetween(at('last_model_timestamp_seconds'), [BEGAN_SECONDS, Date.now() / 1000]);
    assertDaysLeft(at('certificate_expiry_timestamp_seconds'));
    assertProcess(families);
  });

  test('the coordinator answers as well, for the rounds since it was started again', () => {
    const families = parsePrometheusText(scraped.get('coordinator')!);
    assertDocumented(families, 'Metrics of the coordinator', 'blindsum_');
    const at = (metric: string, labels = {}) => valueIn(families, `blindsum_${metric}`, labels);
    assert.equal(at('rounds_total', { phase: 'opening', result: 'published' }), 1);
    assert.equal(at('rounds_total', { phase: 'opening', result: 'MODEL_DISAGREEMENT' }), 0);
    assert.equal(at('contributors_total', { result: 'counted' }), 3);
    assert.equal(at('rounds_open', { phase: 'collecting' }), 1);
    assert.deepEqual([at('contributors_expected'), at('contributors_in')], [3, 2]);
    for (const phase of ['collecting', 'sealed', 'summed', 'opening'])
      assert.equal(at('phase_seconds_count', { phase }), 1, phase);
    const [a, b, late] = federation.hospitals as [Hospital, Hospital, Hospital];
    const since = [
      ...late.all('uploaded').filter(inRound(1)),
      ...[a, b].flatMap((one) => one.all('uploaded').filter(inRound(2))),
    ];
    const bytes = sum(since.map(({ ciphertextBytes }) => ciphertextBytes));
    assert.equal(at('upload_bytes_total', { kind: 'ciphertext' }), bytes);
    assert.equal(at('sum_seconds_count'), 1);
    assert.equal(at('summed_bytes_total'), 3 * late.all('uploaded').find(inRound(1))!.ciphertextBytes);
    assert.equal(at('round_clipped_ratio_count'), 1);
    for (const queue of ['jobs', 'sums', 'log', 'uploads'])
      assert.equal(at('queue_depth', { queue }), 0, queue);
    assert.deepEqual([at('jobs', { state: 'running' }), at('sites', { state: 'admitted' })], [1, 3]);
    assert.ok(at('log_entries') > 3 && at('log_entries') >= at('log_cosigned_entries'));
    assert.deepEqual([at('log_stopped'), at('disk_full')], [0, 0]);
    assert.ok(at('blob_bytes') > bytes && at('disk_free_bytes') > 1e6);
    assertDaysLeft(at('coordinator_certificate_expiry_timestamp_seconds'));
    for (const site of HOSPITALS) assertDaysLeft(at('member_certificate_expiry_timestamp_seconds', { site }));
    assertProcess(families);
  });

  for (const program of ['coordinator', 'site'])
    test(`promtool finds no fault with what the ${program} answers`, (context) => {
      const input = scraped.get(program)!;
      const { error, status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
        ...{ input, encoding: 'utf8' },
      });
      if (error) context.skip('promtool is not installed');
      else assert.equal(status, 0, stdout + stderr);
    });
});

/** Calls by which the messages of a round leave a hospital. */
const METHODS: Readonly<Record<string, string>> = {
  ciphertext: 'UploadService.Upload',
  shares: 'UploadService.Upload',
  'sealed-opening': 'UploadService.Upload',
  commitment: 'RoundService.Commit',
  acknowledgement: 'RoundService.Acknowledge',
  checksum: 'RoundService.SubmitChecksum',
  opening: 'RoundService.Open',
  attestation: 'RoundService.Attest',
};

/** Spans of a site in which it tells what it does; of all else it tells in the span of the whole round. */
const SPANS: Readonly<Record<string, string>> = {
  train: 'train',
  trained: 'contribute',
  encrypted: 'contribute',
  uploading: 'upload',
  uploaded: 'commit',
  committed: 'commit',
  acknowledged: 'acknowledge',
  'checksum-signed': 'sign checksum',
  opened: 'open at site',
  applied: 'verify and apply',
  attested: 'attest',
};

/** Requests that name a job, and no round. */
const NO_ROUND = /^(?:JobService|RosterService)\.|^RoundService\.WatchRound$/;

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

type Families = ReadonlyMap<string, Family>;

/** Every family of the manual is there with its type, no other is, and each sample has the labels of the manual alone. */
function assertDocumented(families: Families, heading: string, prefix: string): void {
  const ours = [...families].filter(([family]) => family.startsWith(prefix));
  const manual = documented(heading);
  assert.deepEqual(
    ours.map(([family, { type }]) => `${family} ${type}`).toSorted(),
    manual.map((one) => `${one.name} ${one.type}`).toSorted(),
  );
  for (const [family, { samples }] of ours) {
    const { labels } = manual.find((one) => one.name === family)!;
    for (const sample of samples)
      for (const [label, value] of Object.entries(sample.labels)) {
        if (label === 'le') continue;
        assert.ok(labels.includes(label), `${sample.name}{${label}}`);
        assert.equal(unboundedLabel(label, value), undefined, sample.name);
      }
    const series = samples.filter(({ labels: { le } }) => le === undefined);
    assert.ok(series.length <= 100, `${family} has ${series.length} series`);
  }
}

function assertBetween(value: number, [least, most]: readonly [number, number]): void {
  assert.ok(value >= least && value <= most, `${value} is not between ${least} and ${most}`);
}

/** Of a certificate for 90 days that is minutes old. */
function assertDaysLeft(endsSeconds: number): void {
  assertBetween((endsSeconds - Date.now() / 1000) / DAY_SECONDS, [89, 90]);
}

/** Memory and the delay of the event loop. */
function assertProcess(families: Families): void {
  assertBetween(valueIn(families, 'process_resident_memory_bytes'), [2e7, 4e9]);
  assertBetween(valueIn(families, 'nodejs_heap_size_used_bytes'), [5e6, 4e9]);
  assertBetween(valueIn(families, 'nodejs_eventloop_lag_p99_seconds'), [1e-4, 60]);
  assertBetween(valueIn(families, 'process_start_time_seconds'), [
    Date.now() / 1000 - 240,
    Date.now() / 1000,
  ]);
}

/** Runs the job to its end. The coordinator is killed in round 1, and `look` is called while round 2 collects. */
async function play({ hospitals, crashCoordinator }: RealFederation, look: () => Promise<void>) {
  const [a, b, late] = hospitals as readonly [Hospital, Hospital, Hospital];
  const reach = async (round: number) => {
    // Before it has a part in the round: the others get no further than to wait for it.
    await late.until('attested', inRound(round - 1));
    await late.standStill();
    await Promise.all([a, b].map((hospital) => hospital.until('committed', inRound(round))));
  };
  for (const hospital of hospitals) hospital.start();
  await reach(1);
  await crashCoordinator();
  late.goOn();
  await reach(2);
  await look();
  late.goOn();
  for (const hospital of hospitals) await hospital.finish();
}

/** Lines of the log, without those that a program printed for its people or as its progress. */
function readLines({ layout }: RealFederation, program: string): Line[] {
  return readFileSync(join(layout.output, `${program}.txt`), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{"level":'))
    .map((line) => JSON.parse(line) as Line);
}
