// The encryption of a site that takes part in several jobs: what opens a sum has a deadline soon, and does not wait until the
// update of another job is encrypted.
import { createEncryptor, type Encryptor } from './encryptor.ts';

/** An encryptor of two workers, each started with its first task: one encrypts updates, the other does everything else. */
export function createEncryptorPair(open: () => Encryptor = createEncryptor): Encryptor {
  const updates = onDemand(open);
  const sums = onDemand(open);
  return {
    encrypt: (task, onProgress) => updates.get().encrypt(task, onProgress),
    checksum: (task, onProgress) => sums.get().checksum(task, onProgress),
    decrypt: (task, onProgress) => sums.get().decrypt(task, onProgress),
    openShares: (task) => sums.get().openShares(task),
    sealOpening: (task) => sums.get().sealOpening(task),
    reconstructKey: (task) => sums.get().reconstructKey(task),
    sealCheckpoint: (task) => updates.get().sealCheckpoint(task),
    openCheckpoint: (task) => sums.get().openCheckpoint(task),
    checkpointRoot: (path) => updates.get().checkpointRoot(path),
    close: async () => {
      await Promise.all([updates.close(), sums.close()]);
    },
  };
}

function onDemand(open: () => Encryptor) {
  let opened: Encryptor | undefined;
  let isClosed = false;
  return {
    get(): Encryptor {
      if (isClosed) throw new Error('the encryptor is closed');
      opened ??= open();
      return opened;
    },
    async close(): Promise<void> {
      isClosed = true;
      await opened?.close();
    },
  };
}
