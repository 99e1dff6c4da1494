// The machine that the coordinator runs on, or is to: its Node, the state directory, its keys, its disk.
import { join, relative } from 'node:path';
import { getuid } from 'node:process';
import {
  failingAs,
  judgeNode,
  judgeOwnership,
  judgeRoom,
  passes,
  warns,
  type Finding,
} from '@blindsum/proto';
import { lookAtFile, measureFreeBytes } from '@blindsum/proto/node';
import type { Config } from '../config.ts';
import { readKey, type KeyName } from '../identity/key-storage.ts';

/** As scripts/launch asks for. */
const LEAST_NODE = [24, 15] as const;

const MIB = 2 ** 20;
const GIB = 2 ** 30;
/** What a site without a limit is reckoned with: the default of one that has. */
const UNLIMITED_BYTES = 16 * GIB;

/** Where each key is under the state directory. */
const KEY_FILES: Readonly<Record<KeyName, string>> = {
  authority: 'identity/authority.key',
  checkpoint: 'log-keys/checkpoint.skey',
  record: 'log-keys/record-key.pem',
};

export async function examineMachine(config: Config): Promise<Finding[]> {
  return [
    judgeNode(process.versions.node, LEAST_NODE),
    await examineStateDirectory(config.stateDirectory),
    ...(await examineKeys(config)),
    ...(await examineDisk(config)),
  ];
}

async function examineStateDirectory(path: string): Promise<Finding> {
  const check = 'stateDirectory';
  const facts = await lookAtFile(path);
  if (!facts) return passes(check, `${path} is made at the first start`);
  return judgeOwnership(check, { path, kind: 'folder', ...facts, ownUid: getuid!() });
}

async function examineKeys({ stateDirectory, keys, identity }: Config): Promise<Finding[]> {
  const names = Object.keys(KEY_FILES) as KeyName[];
  const ours = names.filter((name) => name !== 'authority' || identity.authority === 'own');
  const found = ours.map(async (name) => {
    const path = join(stateDirectory, KEY_FILES[name]);
    const check = `key: ${name}`;
    const facts = await lookAtFile(path);
    if (!facts && keys.from?.[name] === undefined) return passes(check, 'is made at the first start');
    const advice =
      'see keys.passphrase and keys.from in docs/coordinator.md; a key that is lost comes from a backup';
    return failingAs({ check, advice }, async () => {
      await readKey(name, path, keys);
      if (!facts) return passes(check, 'provided by the platform');
      return judgeOwnership(check, { path, kind: 'key', ...facts, ownUid: getuid!() });
    });
  });
  return Promise.all(found);
}

async function examineDisk({ stateDirectory, log, limits }: Config): Promise<Finding[]> {
  const { diskReserveBytes: reserve, maxUploadBytesPerSite: perSite } = limits;
  const oneSite = perSite === Infinity ? UNLIMITED_BYTES : perSite;
  const state = judgeRoom({
    check: 'disk',
    freeBytes: await measureFreeBytes(stateDirectory),
    least: { bytes: reserve, why: 'limits.diskReserveBytes: no upload is taken' },
    enough: {
      bytes: reserve + oneSite,
      why: 'the reserve and what one site may upload for a round (limits.maxUploadBytesPerSite)',
    },
    advice:
      'make room where stateDirectory is, keep fewer rounds (retention), or lower limits.maxUploadBytesPerSite to what jobs need',
  });
  const warnings = perSite === Infinity ? [unlimited()] : [];
  if (!relative(stateDirectory, log.directory).startsWith('..')) return [state, ...warnings];
  const elsewhere = judgeRoom({
    check: 'disk: log',
    freeBytes: await measureFreeBytes(log.directory),
    least: { bytes: 100 * MIB, why: 'the 100 MiB that the log soon needs' },
    enough: { bytes: GIB, why: '1 GiB' },
    advice: 'make room where log.directory is: a round whose record finds none waits',
  });
  return [state, elsewhere, ...warnings];
}

function unlimited(): Finding {
  return warns(
    'limits',
    'limits.maxUploadBytesPerSite is unlimited: one faulty site can fill the disk',
    'set it to a few times the size of an update, which blindsum-coordinator validate prints',
  );
}
