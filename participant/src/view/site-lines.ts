// The view of a site for a terminal.
import {
  toProtectionText,
  toContributionText,
  toDecisionText,
  toDoingText,
  toTrainingText,
  toUseText,
} from './job-words.ts';
import { plural, toAgoText, toBytesText, toDurationText, toTimeText } from './quantities.ts';
import type { JobView, SiteView } from './site-view.ts';

const LABEL_WIDTH = 13;
const MAX_ATTEMPTS = 5;

/** One line each: what is in a name or a reason moves no cursor. */
export function toSiteLines(view: SiteView): string[] {
  return toLines(view).map((line) => line.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' '));
}

function toLines(view: SiteView): string[] {
  return [
    `${view.site} of ${view.federation}, at ${toTimeText(view.atMs)}`,
    ...toFacts(view),
    ...section('Needs you', view.attention.map(toAttentionLines).flat()),
    ...section('Now', orSay('no job is under way', toCurrentLines(view))),
    ...section(
      'Asked of the rows of this site',
      orSay('no job has been shown to this site', view.jobs.flatMap(toJobLines)),
    ),
    ...section('What left this machine', toSentLines(view)),
    ...section(
      'Privacy',
      view.privacy.says.map((line) => `  ${line}`),
    ),
    ...section('Disk', toDiskLines(view.disk)),
  ];
}

function toFacts(view: SiteView): string[] {
  const { fingerprint, agent, certificate, log, members, policy, compute, atMs } = view;
  const { trusted, roster } = members;
  return [
    field('fingerprint', fingerprint),
    field(
      'agent',
      agent.isRunning && agent.startedMs !== null
        ? `runs since ${toTimeText(agent.startedMs)}, version ${agent.version}`
        : `does not run; version ${agent.version}`,
    ),
    field('coordinator', toCoordinatorText(view.coordinator, atMs)),
    field(
      'certificate',
      certificate === null
        ? 'none: not enrolled'
        : `${certificate.state}, until ${toTimeText(certificate.expiresMs)}; renewed from ${toTimeText(certificate.renewsMs)} on`,
    ),
    field('log', toLogText(log)),
    field(
      'members',
      roster === null
        ? `no roster accepted yet; trusts ${trusted.length === 0 ? 'nobody yet' : trusted.join(', ')}`
        : `roster version ${roster.version}: ${roster.sites.join(', ')}`,
    ),
    field('policy', policy.file ?? 'none: it takes part in nothing'),
    field('backend', toBackendText(compute)),
    ...toGpuLines(compute.gpu),
  ];
}

function toBackendText({ backendAsked, backendUsed }: SiteView['compute']): string {
  return `${backendAsked} asked for, ${backendUsed === null ? 'nothing trained yet' : `${backendUsed} used`}`;
}

export function toCoordinatorText(coordinator: SiteView['coordinator'], nowMs: number): string {
  const { address, state, answeredMs, failure } = coordinator;
  if (address === null) return 'none: not enrolled';
  if (state === 'never asked') return `${address}, never asked`;
  const last = answeredMs === null ? 'never answered' : `last answered ${toAgoText(answeredMs, nowMs)}`;
  return state === 'answers' ? `${address}, ${last}` : `${address}, AWAY (${failure}); ${last}`;
}

export function toLogText({ size, root, key, alarm }: SiteView['log']): string {
  if (alarm !== '') return `CONTRIBUTES NOTHING, see log show: ${alarm}`;
  return size === '0' ? 'not seen yet' : `${size} entries of ${key} seen, root ${root.slice(0, 16)}`;
}

export function toGpuLines(gpu: SiteView['compute']['gpu']): string[] {
  switch (gpu.state) {
    case 'absent':
      return [field('gpu', 'none that nvidia-smi knows')];
    case 'unreadable':
      return [field('gpu', `nvidia-smi does not answer: ${gpu.why}`)];
    case 'present':
      return gpu.devices.map(({ name, busyPercent, usedMiB, totalMiB }) =>
        field(
          'gpu',
          `${name}, ${busyPercent ?? '?'} % busy, ${usedMiB ?? '?'} of ${totalMiB ?? '?'} MiB used`,
        ),
      );
  }
}

function toAttentionLines({ level, what, command }: SiteView['attention'][number]): string[] {
  const mark = { alarm: '!!', decision: ' >', note: ' -' }[level];
  return [`${mark} ${what}`, ...(command === '' ? [] : [`     ${command}`])];
}

function toCurrentLines({ jobs, atMs }: SiteView): string[] {
  return jobs.filter(({ doing }) => doing !== null).flatMap((job) => toNowLines(job, atMs));
}

function toNowLines(job: JobView, nowMs: number): string[] {
  const { doing } = job;
  if (doing === null) return [];
  const share = doing.permille === 0 ? '' : ` ${Math.floor(doing.permille / 10)} %`;
  return [
    `  ${job.job}: ${toDoingText(job)}${share}, for ${toDurationText(nowMs - doing.sinceMs)}`,
    ...[toTrainingText(job)].filter((text) => text !== '').map((text) => `    ${text}`),
  ];
}

function toJobLines(job: JobView): string[] {
  const { asks, end, model } = job;
  return [
    `  ${job.job}: ${toDecisionText(job)}`,
    ...(asks === null
      ? ['    its terms are not kept here']
      : [
          `    by ${asks.author.name} (${asks.author.fingerprint})${asks.author.isVerified ? '' : ': THE SIGNATURE IS NOT THEIRS'}`,
          `    ${toUseText(asks)}`,
          `    columns: ${[...asks.columns, `${asks.label} (label)`].join(', ')}`,
          `    protected by ${toProtectionText(asks.protections)}`,
        ]),
    `    ${toContributionText(job)}`,
    ...(end === null ? [] : [`    ${end.how}, ${toTimeText(end.atMs)}`]),
    ...(model === null ? [] : [`    model of round ${model.round}: ${model.hash}`]),
  ];
}

function toSentLines({ sent }: SiteView): string[] {
  if (sent.sinceMs === null) return ['  nothing'];
  return [
    `  ${toBytesText(sent.bytes)} since ${toTimeText(sent.sinceMs)}; no row, no column and no readable update`,
    ...sent.kinds.flatMap(({ what, form, readers, times, bytes, lastMs }) => [
      `  ${what.padEnd(32)} ${String(times).padStart(7)} ×  ${toBytesText(bytes).padStart(10)}   last ${toTimeText(lastMs)}`,
      `      form     ${form}`,
      `      read by  ${readers}`,
    ]),
    ...sent.attempts
      .slice(0, MAX_ATTEMPTS)
      .flatMap(({ job, round, attempt, bytes, messages }) => [
        `  ${job} round ${round}${attempt > 1 ? `, attempt ${attempt}` : ''}: ${toBytesText(bytes)}`,
        `    ${messages.map((message) => `${message.what} ${toBytesText(message.bytes)}`).join(', ')}`,
      ]),
  ];
}

function toDiskLines({ folder, kinds, bytes, freeBytes }: SiteView['disk']): string[] {
  return [
    `  ${folder}: ${toBytesText(bytes)}${freeBytes === null ? '' : `, ${toBytesText(freeBytes)} free`}`,
    ...kinds.map(
      ({ what, bytes: ofKind, files }) =>
        `  ${what.padEnd(32)} ${toBytesText(ofKind).padStart(10)} in ${plural(files, 'file')}`,
    ),
  ];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines];
}

function orSay(nothing: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [`  ${nothing}`] : lines;
}

function field(label: string, text: string): string {
  return `${label.padEnd(LABEL_WIDTH)}${text}`;
}
