// What a backup holds: `manifest.json` in its folder names every other file with its hash.
import { z } from 'zod';
import {
  describeIssues,
  digestSchema,
  federationSchema,
  parseHostileJson,
  parseUtf8,
  Refusal,
  utf8,
  type Bytes,
} from '@blindsum/proto';

export const MANIFEST_FILE = 'manifest.json';
export const DATABASE_FILE = 'coordinator.sqlite';
/** Written last: a folder without it is no backup. */
const FORMAT = 'blindsum-backup/v1';

/** Segments of a path that stay where they are put. */
const pathSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*(?:\/[A-Za-z0-9][A-Za-z0-9._-]*){0,8}$/, 'a path within the backup');

const manifestFormat = z.strictObject({
  format: z.literal(FORMAT),
  federation: federationSchema,
  /** Name of the log. */
  origin: federationSchema,
  createdMs: z.int().min(0),
  coordinatorVersion: z.string().min(1).max(100),
  /** Entries and root of the log when the database was copied. */
  log: z.strictObject({ size: z.int().min(1), root: digestSchema }),
  files: z.array(z.strictObject({ path: pathSchema, bytes: z.int().min(0), sha256: digestSchema })),
});

export type BackupManifest = Omit<z.output<typeof manifestFormat>, 'format'>;
export type BackupFile = BackupManifest['files'][number];

export function encodeBackupManifest(manifest: BackupManifest): Bytes {
  return utf8(`${JSON.stringify({ format: FORMAT, ...manifest }, null, 2)}\n`);
}

/** Refuses MALFORMED. */
export function parseBackupManifest(bytes: Bytes): BackupManifest {
  const parsed = manifestFormat.safeParse(parseHostileJson(parseUtf8(bytes, MANIFEST_FILE), MANIFEST_FILE));
  if (!parsed.success) throw new Refusal('MALFORMED', `${MANIFEST_FILE}: ${describeIssues(parsed.error)}`);
  const { format: _, ...manifest } = parsed.data;
  return manifest;
}
