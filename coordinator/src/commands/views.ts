// The commands by which an operator looks at things, from the typed client: each prints the API's document, or a table of it.
import { describeDiagnosis, EXIT, toDiagnosis } from '@blindsum/proto';
import type { AdminClient, components } from '@blindsum/admin-client';
import { examineRunning } from '../doctor/examine-running.ts';
import { toBytes, toTable, toTime } from '../terminal/table.ts';
import { describeJob } from './answers.ts';
import { everyItem } from './every-item.ts';
import { jobNamed, siteNamed } from './names.ts';
import type { Output } from './operator.ts';
import { answered, connect, type Target } from './target.ts';

type Schemas = components['schemas'];

/** Prints a document as JSON, or the lines that people read. */
function show<T>(
  output: Output,
  document: T,
  toLines: (document: T, width: number | undefined) => readonly string[],
): void {
  if (output.json) output.print(JSON.stringify(document));
  else for (const line of toLines(document, output.columns)) output.print(line);
}

export async function showFederation(target: Target, output: Output): Promise<void> {
  const client = await connect(target);
  show(output, await answered(client.GET('/v1/federation')), describeFederation);
}

function describeFederation(federation: Schemas['Federation']): string[] {
  const { log, roster, limits } = federation;
  return [
    `federation    ${federation.federation}, coordinator ${federation.version} since ${toTime(federation.startedMs)}`,
    `authority     SHA-256 ${federation.authorityFingerprint}`,
    `log           ${log.origin}, ${log.size} records, ${log.cosignedSize} cosigned${log.stopped === null ? '' : `; STOPPED: ${log.stopped}`}`,
    `log key       ${log.verifierKey}`,
    `roster        ${roster ? `version ${roster.version}: ${roster.members.join(', ')}` : 'none adopted yet'}`,
    `limits        ${limits.maxRunningJobs} jobs run at a time, ${limits.maxOpenJobs} are open, ${limits.maxUploadsAtOnce} uploads at once`,
  ];
}

/** Resolves to the exit status: whether something failed. */
export async function showHealth(target: Target, output: Output): Promise<number> {
  const client = await connect(target);
  const status = await answered(client.GET('/v1/status'));
  const diagnosis = toDiagnosis(examineRunning(status));
  show(output, diagnosis, describeDiagnosis);
  return diagnosis.ok ? EXIT.ok : EXIT.failed;
}

export async function listSites(target: Target, state: string | undefined, output: Output): Promise<void> {
  const client = await connect(target);
  const filter = state === undefined ? {} : { state };
  const sites = await everyItem('sites', (query) =>
    client.GET('/v1/sites', { params: { query: { ...filter, ...query } } }),
  );
  show(output, { sites }, ({ sites: shown }, width) =>
    shown.length === 0 ? ['no site was admitted'] : toTable(SITE_COLUMNS, shown.map(toSiteRow), width),
  );
}

const SITE_COLUMNS = ['site', 'state', 'version', 'doing', 'seen', 'certificate until'].map((head) => ({
  head,
}));

function toSiteRow({
  site,
  online,
  revoked,
  version,
  backend,
  activity,
  lastSeenMs,
  certificate,
}: Schemas['Site']) {
  const state = revoked ? `revoked (${revoked.reason})` : online ? 'online' : 'offline';
  const doing = [backend, activity].filter((word) => word !== '').join(', ');
  return [site, state, version || '-', doing || '-', toTime(lastSeenMs), toTime(certificate.expiresMs)];
}

export async function showSite(target: Target, name: string, output: Output): Promise<void> {
  const client = await connect(target);
  const path = { site: siteNamed(name) };
  const document = await answered(client.GET('/v1/sites/{site}', { params: { path } }));
  show(output, document, (site, width) => [
    ...toTable(SITE_COLUMNS, [toSiteRow(site)], width),
    `fingerprint ${site.fingerprint}`,
    ...site.jobs.map(
      ({ job, state, consented, withdrawn }) =>
        `job ${job}: ${state}, ${withdrawn ? 'withdrawn' : consented ? 'consented' : 'has not consented'}`,
    ),
  ]);
}

const CONTRIBUTION_COLUMNS = [
  ...['job', 'round', 'attempt', 'kind', 'outcome', 'began'].map((head) => ({ head })),
  { head: 'uploaded', align: 'right' as const },
  { head: 'why' },
];

export async function listContributions(target: Target, name: string, output: Output): Promise<void> {
  const client = await connect(target);
  const path = { site: siteNamed(name) };
  const contributions = await everyItem('contributions', (query) =>
    client.GET('/v1/sites/{site}/contributions', { params: { path, query } }),
  );
  show(output, { contributions }, ({ contributions: shown }, width) => {
    if (shown.length === 0) return [`${path.site} was in no round yet`];
    const rows = shown.map(({ job, round, attempt, kind, outcome, atMs, ciphertextBytes, why }) => [
      job,
      String(round),
      String(attempt),
      kind,
      outcome,
      toTime(atMs),
      toBytes(ciphertextBytes),
      why ?? '',
    ]);
    return toTable(CONTRIBUTION_COLUMNS, rows, width);
  });
}

export async function showJob(target: Target, name: string, output: Output): Promise<void> {
  const client = await connect(target);
  const path = { job: jobNamed(name) };
  const document = await answered(client.GET('/v1/jobs/{job}', { params: { path } }));
  show(output, document, (job, width) => [
    describeJob(job),
    `description   ${job.description}`,
    `submitted     ${toTime(job.submittedMs)}, ${job.parameters} parameters, ${toBytes(job.bytesOnDisk)} on disk`,
    `manifest      ${job.manifestHash}`,
    `model         ${job.modelHash ?? 'none yet'}`,
    ...toTable(
      [{ head: 'member' }, { head: 'consent' }],
      job.members.map(({ site, consented, withdrawn }) => [
        site,
        withdrawn ? 'withdrawn' : consented ? 'yes' : 'not yet',
      ]),
      width,
    ),
  ]);
}

const ROUND_COLUMNS = [
  ...['round', 'attempt', 'kind', 'phase', 'began'].map((head) => ({ head })),
  { head: 'in', align: 'right' as const },
  { head: 'left out, awaited, or why it failed' },
];

export async function listRounds(
  target: Target,
  { job, round }: { readonly job: string; readonly round: number | undefined },
  output: Output,
): Promise<void> {
  const client = await connect(target);
  const path = { job: jobNamed(job) };
  if (round !== undefined) {
    const attempts = { params: { path: { ...path, round } } };
    const document = await answered(client.GET('/v1/jobs/{job}/rounds/{round}', attempts));
    return show(output, document, ({ attempts: shown }, width) =>
      toTable(ROUND_COLUMNS, shown.map(toRoundRow), width),
    );
  }
  const rounds = await readRounds(client, path);
  show(output, { rounds }, ({ rounds: shown }, width) =>
    shown.length === 0
      ? [`${path.job} has no round yet`]
      : toTable(ROUND_COLUMNS, shown.map(toRoundRow), width),
  );
}

function readRounds(client: AdminClient, path: { readonly job: string }): Promise<Schemas['Round'][]> {
  return everyItem('rounds', (query) => client.GET('/v1/jobs/{job}/rounds', { params: { path, query } }));
}

function toRoundRow(round: Schemas['Round']): string[] {
  const { leftOut, awaited, failure, contributors } = round;
  const named = [...leftOut, ...awaited].map(({ site, what }) => `${site} (${what})`);
  const why = failure ? [`${failure.reason}: ${failure.detail}`] : [];
  return [
    ...[String(round.round), String(round.attempt), round.kind, round.phase, toTime(round.startedMs)],
    ...[String(contributors.length), [...why, ...named].join(', ')],
  ];
}

export async function listModels(target: Target, output: Output): Promise<void> {
  const client = await connect(target);
  const models = await everyItem('models', (query) => client.GET('/v1/models', { params: { query } }));
  show(output, { models }, ({ models: shown }) =>
    shown.length === 0
      ? ['no model is public']
      : shown.flatMap(({ job, round, fileDigest, files }) => [
          `${job} round ${round}, SHA-256 ${fileDigest}`,
          ...files.map((file) => `  ${file}`),
        ]),
  );
}

export async function showStorage(target: Target, output: Output): Promise<void> {
  const client = await connect(target);
  show(output, await answered(client.GET('/v1/storage')), describeStorage);
}

function describeStorage(
  { disk, limits, retention, totalBytes, jobs }: Schemas['Storage'],
  width: number | undefined,
): string[] {
  const limit = (bytes: number | null) => (bytes === null ? 'unlimited' : toBytes(bytes));
  const kept = (count: number | null) => (count === null ? 'all' : String(count));
  const rows = jobs.map(({ job, totalBytes: all, bytes }) => [
    job,
    toBytes(all),
    Object.entries(bytes)
      .map(([kind, of]) => `${kind} ${toBytes(of)}`)
      .join(', '),
  ]);
  return [
    `disk        ${disk.state}, ${toBytes(disk.freeBytes)} free, ${toBytes(disk.reserveBytes)} of it in reserve`,
    `limits      ${limit(limits.maxUploadBytesPerSite)} for a site and round, ${limit(limits.maxUploadBytesPerRound)} for all sites`,
    `retention   published rounds: ${kept(retention.publishedRounds)}, failed attempts: ${kept(retention.failedAttempts)}`,
    `kept        ${toBytes(totalBytes)}`,
    ...toTable([{ head: 'job' }, { head: 'kept', align: 'right' }, { head: 'of it' }], rows, width),
  ];
}
