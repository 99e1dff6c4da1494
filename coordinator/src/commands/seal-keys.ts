// `blindsum-coordinator seal-keys`
import { loadConfig } from '../config.ts';
import { sealKeys as sealKeyFiles } from '../identity/seal-keys.ts';
import type { Output } from './operator.ts';

/** Encrypts the coordinator's keys with the passphrase that the configuration names. */
export async function sealKeys(configPath: string, output: Output): Promise<void> {
  const { stateDirectory, keys } = await loadConfig(configPath);
  const sealed = await sealKeyFiles(stateDirectory, keys);
  if (output.json) output.print(JSON.stringify({ sealed }));
  else output.print(`${sealed} key files were encrypted; backups of before hold them as they were.`);
}
