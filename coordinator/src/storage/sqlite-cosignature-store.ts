// Cosigned checkpoints in SQL: one row for each size.
import type { CosignatureStore, CosignedNote } from '../witnessing/cosignature-store.ts';
import type { CosignedNoteRow, Database } from './tables.ts';

type Content = Pick<CosignedNote, 'note' | 'hasQuorum'>;

export function createSqliteCosignatureStore(database: Database): CosignatureStore {
  return {
    load: (size) => load(database, size),
    latest: (which) => latest(database, which),
    replace: (size, before, after) =>
      before ? replace(database, before, after) : create(database, size, after),
    removeBelow: async (size) =>
      void (await database.deleteFrom('cosigned_notes').where('size', '<', BigInt(size)).execute()),
  };
}

async function load(database: Database, size: number): Promise<CosignedNote | undefined> {
  const row = await database
    .selectFrom('cosigned_notes')
    .selectAll()
    .where('size', '=', BigInt(size))
    .executeTakeFirst();
  return row && toStored(row);
}

async function latest(database: Database, which: 'any' | 'with quorum'): Promise<CosignedNote | undefined> {
  const row = await database
    .selectFrom('cosigned_notes')
    .selectAll()
    .where('has_quorum', '>=', which === 'any' ? 0n : 1n)
    .orderBy('size', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row && toStored(row);
}

async function create(database: Database, size: number, first: Content): Promise<CosignedNote | undefined> {
  const row = await database
    .insertInto('cosigned_notes')
    .values({ ...toContent(first), size: BigInt(size), version: 1n })
    .onConflict((conflict) => conflict.column('size').doNothing())
    .returningAll()
    .executeTakeFirst();
  return row && toStored(row);
}

async function replace(
  database: Database,
  { size, version }: CosignedNote,
  after: Content,
): Promise<CosignedNote | undefined> {
  const row = await database
    .updateTable('cosigned_notes')
    .set({ ...toContent(after), version: BigInt(version + 1) })
    .where((where) => where.and({ size: BigInt(size), version: BigInt(version) }))
    .returningAll()
    .executeTakeFirst();
  return row && toStored(row);
}

function toContent({ note, hasQuorum }: Content) {
  return { note, has_quorum: hasQuorum ? 1n : 0n };
}

function toStored({ size, version, note, has_quorum: hasQuorum }: CosignedNoteRow): CosignedNote {
  return { size: Number(size), version: Number(version), note, hasQuorum: hasQuorum === 1n };
}
