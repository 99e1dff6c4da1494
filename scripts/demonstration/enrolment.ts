// Keys and grants: how the sites of a federation come to know the coordinator, each other, and the author of their job.
import { join } from 'node:path';
import { coordinatorCommand, siteCommand } from './commands.ts';
import { siteFolder, writeSite, type Layout } from './configuration.ts';
import type { Dataset } from './datasets.ts';
import type { Processes } from './processes.ts';

/** A federation before anything of it runs. */
export interface EnrolmentSetup {
  readonly layout: Layout;
  readonly dataset: Dataset;
  readonly processes: Processes;
}

/** A site that wants to be admitted, with the path of its configuration. */
export interface SiteRequest {
  readonly site: string;
  readonly config: string;
  readonly request: string;
  readonly fingerprint: string;
}

/** Every site makes its keys; each then writes down the fingerprints of the others and of the author, as people would over the telephone. */
export async function makeKeys(setup: EnrolmentSetup, author: string): Promise<SiteRequest[]> {
  const { layout, dataset, processes } = setup;
  const made = await Promise.all(
    dataset.sites.map(async ({ site }) => {
      const config = await writeSite(layout, dataset, { site, author, members: {} });
      const request = join(siteFolder(layout, site), 'request.json');
      const printed = await processes.run(siteCommand(site, 'keygen', '--config', config, '--out', request));
      return { site, config, request, fingerprint: parseFingerprint(printed) };
    }),
  );
  const members = Object.fromEntries(made.map(({ site, fingerprint }) => [site, fingerprint]));
  await Promise.all(made.map(({ site }) => writeSite(layout, dataset, { site, author, members })));
  return made;
}

/** Admits the sites in order, at the running coordinator with this configuration, and installs their grants. */
export async function enrolSites(
  setup: EnrolmentSetup,
  config: string,
  requests: readonly SiteRequest[],
): Promise<void> {
  const { layout, processes } = setup;
  // One after another: the order of admission is that of the roster.
  const grants: string[] = [];
  for (const { site, request } of requests) {
    const grant = join(siteFolder(layout, site), 'grant.json');
    await processes.run(coordinatorCommand('admit', '--config', config, '--out', grant, request));
    grants.push(grant);
  }
  await Promise.all(
    requests.map(({ site, config: siteConfig }, i) =>
      processes.run(siteCommand(site, 'install', '--config', siteConfig, grants[i]!)),
    ),
  );
}

/** Makes the key of the job's author, once, and returns its fingerprint. */
export async function makeAuthor({ layout, processes }: EnrolmentSetup): Promise<string> {
  const { authorKey } = layout;
  return parseFingerprint(
    await processes.run(coordinatorCommand('author', 'keygen', '--name', 'Demo Author', '--out', authorKey)),
  );
}

/** Submits the job of the layout in its author's name. */
export async function submitJob({ layout, processes }: EnrolmentSetup, config: string): Promise<void> {
  const { authorKey, jobFile } = layout;
  await processes.run(coordinatorCommand('submit', '--config', config, '--author-key', authorKey, jobFile));
}

/** The operator proposes the admitted sites; each approves, because its configuration lists the others' fingerprints. */
export async function adoptRoster(
  { processes }: EnrolmentSetup,
  config: string,
  sites: readonly Pick<SiteRequest, 'site' | 'config'>[],
): Promise<void> {
  await processes.run(coordinatorCommand('roster', 'propose', '--config', config));
  for (const { site, config: siteConfig } of sites)
    await processes.run(siteCommand(site, 'roster', 'approve', '--config', siteConfig));
}

function parseFingerprint(printed: string): string {
  const found = /[0-9a-f]{4}(?:-[0-9a-f]{4}){9}/.exec(printed);
  if (found === null) throw new Error('keygen printed no fingerprint');
  return found[0];
}
