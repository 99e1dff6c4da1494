// What a site has on its own machine: Node, keys, rows, policy, room.
import { constants } from 'node:fs';
import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { getuid } from 'node:process';
import {
  fails,
  failingAs,
  judgeNode,
  judgeOwnership,
  judgeRoom,
  passes,
  warns,
  type Finding,
} from '@blindsum/proto';
import { lookAtFile, measureFreeBytes, toSystemFault } from '@blindsum/proto/node';
import type { Config } from '../config.ts';
import { loadPolicy } from '../policy/policy.ts';

/** As scripts/launch asks for. */
const LEAST_NODE = [24, 15] as const;

const MIB = 2 ** 20;
const GIB = 2 ** 30;

export async function examineSiteFiles(config: Config): Promise<Finding[]> {
  return [
    judgeNode(process.versions.node, LEAST_NODE),
    await examineFolder('stateDirectory', config.stateDirectory),
    ...(await examineKeyFiles(config)),
    await examinePolicy(config),
    ...(await examineRows(config)),
    await examineDisk(config),
  ];
}

async function examineFolder(check: string, path: string): Promise<Finding> {
  const facts = await lookAtFile(path);
  if (!facts) return passes(check, `${path} is made when the site enrols`);
  return judgeOwnership(check, { path, kind: 'folder', ...facts, ownUid: getuid!() });
}

/** The files that are there; whether they are the right ones is said by the keys themselves. */
async function examineKeyFiles({ stateDirectory, keys, network }: Config): Promise<Finding[]> {
  const folder = join(stateDirectory, 'keys');
  const names = keys.from ? [] : await readdir(folder).catch(() => []);
  const paths = names.filter((name) => name.endsWith('.key')).map((name) => join(folder, name));
  const { proxyCredentialsFile } = network;
  const files = proxyCredentialsFile === undefined ? paths : [...paths, proxyCredentialsFile];
  const found = await Promise.all(files.map(examineSecret));
  const wrong = found.filter(({ state }) => state !== 'ok');
  return wrong.length > 0 || files.length === 0
    ? wrong
    : [passes('secret files', `${files.length}, for their owner alone`)];
}

async function examineSecret(path: string): Promise<Finding> {
  const check = 'secret files';
  const facts = await lookAtFile(path);
  if (!facts) return fails(check, `${path}: is not there`, 'name a file that this user can read');
  return judgeOwnership(check, { path, kind: 'key', ...facts, ownUid: getuid!() });
}

async function examinePolicy({ policy }: Config): Promise<Finding> {
  const check = 'policy';
  const advice =
    'correct the place that is named: as long as there is a mistake, this site contributes nothing';
  if (policy === undefined)
    return warns(
      check,
      'there is none: this site takes part in nothing',
      'name one in site.yaml (docs/site-policy.md has every rule with its danger)',
    );
  return failingAs({ check, advice }, async () => {
    const { authors, jobs } = await loadPolicy(policy);
    if (authors !== 'any' && authors.length === 0)
      return warns(
        check,
        'no author is listed: every job is refused',
        'add fingerprints under authors, compared out of band',
      );
    const count = (list: readonly unknown[] | 'any', what: string) =>
      list === 'any' ? `any ${what}` : `${list.length} ${what}s listed`;
    return passes(check, `${count(authors, 'author')}, ${count(jobs, 'job')}`);
  });
}

async function examineRows({ data }: Config): Promise<Finding[]> {
  const files = 'holdoutFile' in data ? [data.file, data.holdoutFile] : [data.file];
  const found = files.map(async (path) => {
    try {
      await access(path, constants.R_OK);
      return passes('rows', `${path} can be read`);
    } catch (error) {
      return fails(
        'rows',
        `${path} cannot be read (${toSystemFault(error)})`,
        'set data in site.yaml to a CSV file that this user can read',
      );
    }
  });
  return Promise.all(found);
}

async function examineDisk({ stateDirectory }: Config): Promise<Finding> {
  return judgeRoom({
    check: 'disk',
    freeBytes: await measureFreeBytes(stateDirectory),
    least: { bytes: 100 * MIB, why: '100 MiB: a round of the smallest model may find no room' },
    enough: { bytes: GIB, why: '1 GiB: an update, its model and a sum take some 12 bytes a parameter' },
    advice: 'make room where stateDirectory is; `blindsum-site check` says what a job needs',
  });
}
