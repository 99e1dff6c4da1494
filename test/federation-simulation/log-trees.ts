// Every checkpoint that was ever signed with the keys of the log, and which records its tree is of: what nobody in the simulation
// knows, and the invariants are checked against.
import assert from 'node:assert/strict';
import { toHex, type Bytes, type Digest } from '@blindsum/proto';
import type { LogRecord } from '@blindsum/proto/tlog';

export interface TreeEntry {
  readonly digest: Digest;
  readonly record: LogRecord;
}

/** What a checkpoint says. */
export interface TreeHead {
  readonly size: bigint;
  readonly root: Bytes;
}

export class LogTrees {
  readonly #trees = new Map<string, readonly TreeEntry[]>();

  add({ size, root }: TreeHead, entries: readonly TreeEntry[]): void {
    assert.equal(BigInt(entries.length), size, 'a checkpoint of another size than its tree');
    this.#trees.set(toHex(root), entries);
  }

  /** The records under a checkpoint, in their order; fails for one that nobody signed. */
  under({ size, root }: TreeHead): readonly TreeEntry[] {
    const entries = this.#trees.get(toHex(root));
    assert.ok(entries && BigInt(entries.length) === size, 'a checkpoint that the log never signed');
    return entries;
  }

  /** True if one of the two trees begins with the other. */
  areConsistent(a: TreeHead, b: TreeHead): boolean {
    const [shorter, longer] = [this.under(a), this.under(b)].toSorted((x, y) => x.length - y.length);
    return shorter!.every(({ digest }, i) => digest === longer![i]!.digest);
  }

  /** True if the set was sealed in the tree of this checkpoint. */
  hasSealed(head: TreeHead, setRoot: string): boolean {
    return this.under(head).some(
      ({ record }) => record.kind === 'round-sealed' && record.predicate.setRoot === setRoot,
    );
  }
}
