// Bytes by attempt and phase in SQL: one row for each, added to.
import type { JobId } from '@blindsum/proto';
import type { Traffic, TrafficStore } from '../traffic/round-traffic.ts';
import type { Database, RoundTrafficRow } from './tables.ts';

export function createSqliteTrafficStore(database: Database): TrafficStore {
  return {
    add: (traffic) => add(database, traffic),
    list: (job) => list(database, job),
  };
}

async function add(database: Database, traffic: readonly Traffic[]): Promise<void> {
  if (traffic.length === 0) return;
  await database
    .insertInto('round_traffic')
    .values(traffic.map(toRow))
    .onConflict((conflict) =>
      conflict.columns(['job', 'round', 'attempt', 'phase']).doUpdateSet((row) => ({
        received_bytes: row('round_traffic.received_bytes', '+', row.ref('excluded.received_bytes')),
        sent_bytes: row('round_traffic.sent_bytes', '+', row.ref('excluded.sent_bytes')),
      })),
    )
    .execute();
}

async function list(database: Database, job: JobId): Promise<readonly Traffic[]> {
  const rows = await database.selectFrom('round_traffic').selectAll().where('job', '=', job).execute();
  return rows.map(toTraffic);
}

function toRow({ id: { job, round, attempt }, phase, receivedBytes, sentBytes }: Traffic): RoundTrafficRow {
  return {
    ...{ job, round: BigInt(round), attempt: BigInt(attempt), phase },
    received_bytes: BigInt(receivedBytes),
    sent_bytes: BigInt(sentBytes),
  };
}

function toTraffic(row: RoundTrafficRow): Traffic {
  return {
    id: { job: row.job as JobId, round: Number(row.round), attempt: Number(row.attempt) },
    phase: row.phase as Traffic['phase'],
    receivedBytes: Number(row.received_bytes),
    sentBytes: Number(row.sent_bytes),
  };
}
