// The policy as it stands on the disk: changes count without a restart, from the next decision on.
import { stat } from 'node:fs/promises';
import { loadPolicy, NOTHING_ALLOWED, type Policy } from './policy.ts';

export interface PolicySource {
  /** The policy in force; refuses CONFIG_INVALID as long as it has a mistake: then nothing is allowed. */
  current(): Promise<Policy>;
}

/** Reads the file when it has changed. A site without one allows nothing. */
export function createPolicyFile(path: string | undefined): PolicySource {
  if (path === undefined) return { current: async () => NOTHING_ALLOWED };
  let read: { readonly version: string; readonly policy: Policy } | undefined;
  return {
    async current() {
      const version = await versionOf(path);
      if (read?.version !== version || version === '') read = { version, policy: await loadPolicy(path) };
      return read.policy;
    },
  };
}

/** Differs after every write; empty if the file cannot be looked at. */
async function versionOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return [ino, size, mtimeNs, ctimeNs].join(' ');
  } catch {
    return '';
  }
}
