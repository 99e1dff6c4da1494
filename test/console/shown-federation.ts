// A federation in which every page of the console has something to show: jobs in most of their states, sites that are there, away,
// revoked and never seen, and a trail of who did what. Real processes.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { answerOf, type AdminClient } from '@blindsum/admin-client';
import { loadYaml } from '@blindsum/proto/node';
import { connectSocket } from '../../coordinator/src/admin/admin-transport.ts';
import { createSiteRequest } from '../../coordinator/src/federation.fixture.ts';
import { Hospital, inRound } from '../fixtures/hospital.ts';
import { openRealFederation, type RealFederation } from '../fixtures/real-federation.ts';

/** Names of its jobs, by what became of them. */
export const SHOWN_JOBS = {
  finished: 'breast-cancer',
  cancelled: 'readmission-risk-trial',
  failed: 'sepsis-early-warning',
  running: 'breast-cancer-larger-network',
  joining: 'lung-nodule-classification',
  paused: 'length-of-stay',
} as const;

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  [SHOWN_JOBS.cancelled]: 'Risk of readmission within 30 days, after a change of the discharge letter.',
  [SHOWN_JOBS.failed]: 'Early signs of sepsis in vital parameters of the first 24 hours.',
  [SHOWN_JOBS.running]: 'The same columns as breast-cancer, with another network.',
  [SHOWN_JOBS.joining]: 'Benign or malignant, from measured features of pulmonary nodules.',
  [SHOWN_JOBS.paused]: 'Length of stay after admission through the emergency department.',
};
const LONG_NAME = 'st-elisabeth-university-hospital-oncology';

/** A federation that runs, and how one signs in to its console. */
export interface ShownFederation {
  readonly url: string;
  /** A key of the scope `operator`. */
  readonly key: string;
  readonly admin: AdminClient;
  readonly federation: RealFederation;
}

/** Three hospitals, before the first job has begun. `rounds` of that job: more make longer curves, and take longer. */
export async function openShownFederation(rounds: number): Promise<ShownFederation> {
  const policy = { jobs: Object.values(SHOWN_JOBS) };
  const federation = await openRealFederation({ hospitals: 3, rounds, policy });
  const { coordinator } = federation.layout;
  const config = (await loadYaml(join(coordinator, 'coordinator.yaml'))) as { listen: { http: string } };
  const admin = connectSocket(join(coordinator, 'admin.sock'));
  const wish = { name: 'Dana', scope: 'operator' } as const;
  const { credential: key } = await answerOf(admin.POST('/v1/keys', { body: wish }));
  return { url: `https://${config.listen.http}`, key, admin, federation };
}

/** Runs the first job to its end. */
export async function finishFirstJob({ federation: { hospitals } }: ShownFederation): Promise<void> {
  for (const hospital of hospitals) hospital.start();
  await Promise.all(hospitals.map((hospital) => hospital.finish()));
}

/** Adds the other jobs and sites, and returns the hospital that went away in the middle of a round. */
export async function fillFederation({ federation, admin }: ShownFederation): Promise<Hospital> {
  await admitOthers(admin);
  await submit(federation, SHOWN_JOBS.cancelled);
  const path = { job: SHOWN_JOBS.cancelled };
  const body = { reason: 'the letter changed again' };
  await answerOf(admin.POST('/v1/jobs/{job}/cancel', { params: { path }, body }));
  await fail(federation);
  await submit(federation, SHOWN_JOBS.running, { rounds: 3 });
  const away = await leaveRunning(federation);
  await submit(federation, SHOWN_JOBS.joining);
  await submit(federation, SHOWN_JOBS.paused);
  const waiting = { params: { path: { job: SHOWN_JOBS.paused } } };
  await answerOf(admin.POST('/v1/jobs/{job}/pause', waiting));
  return away;
}

/** Sites that no roster lists: one was never heard of, one is revoked. */
async function admitOthers(admin: AdminClient): Promise<void> {
  const { federation } = await answerOf(admin.GET('/v1/federation'));
  for (const site of [LONG_NAME, 'clinic-north']) {
    const { request } = await createSiteRequest(site);
    await answerOf(admin.POST('/v1/sites', { body: { ...request, federation } }));
  }
  const revoked = { params: { path: { site: 'clinic-north' } }, body: { reason: 'key-compromise' } } as const;
  await answerOf(admin.POST('/v1/sites/{site}/revoke', revoked));
}

function hospitalsOf({ hospitals, layout, processes }: RealFederation, job: string): Hospital[] {
  return hospitals.map(({ site }) => new Hospital(site, { layout, processes, job }));
}

/** Everybody consents and goes: no update comes in time. */
async function fail(federation: RealFederation): Promise<void> {
  const waits = { collectSeconds: 1, graceSeconds: 1 };
  await submit(federation, SHOWN_JOBS.failed, { waits, attempts: 2 });
  const hospitals = hospitalsOf(federation, SHOWN_JOBS.failed);
  for (const hospital of hospitals) hospital.start();
  await Promise.all(
    hospitals.map(async (hospital) => {
      await hospital.until('consented');
      await hospital.kill();
    }),
  );
}

/** Two hospitals are in the second round, the third went away in the middle of it. */
async function leaveRunning(federation: RealFederation): Promise<Hospital> {
  const [first, second, third] = hospitalsOf(federation, SHOWN_JOBS.running);
  for (const hospital of [first!, second!, third!]) hospital.start();
  await third!.until('phase', inRound(2));
  await third!.kill();
  await Promise.all([first!, second!].map((hospital) => hospital.until('committed', inRound(2))));
  return third!;
}

type Changes = Readonly<Record<string, unknown>> & { readonly waits?: Readonly<Record<string, number>> };

async function submit(
  { layout, operate }: RealFederation,
  job: string,
  changes: Changes = {},
): Promise<void> {
  const values = (await loadYaml(layout.jobFile)) as { waits: object };
  const waits = { ...values.waits, ...changes.waits };
  const file = join(layout.root, `${job}.yaml`);
  const description = DESCRIPTIONS[job] ?? '';
  await writeFile(file, stringify({ ...values, ...changes, job, description, waits }));
  await operate('submit', '--author-key', layout.authorKey, file);
}
