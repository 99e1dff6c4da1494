// coordinator.yaml: parsed once, unknown keys refused, every mistake named with its place.
import { basename, dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { describeIssues, federationSchema, hostPortSchema, Refusal } from '@blindsum/proto';
import { loadYaml } from '@blindsum/proto/node';
import { resolveTracing, tracingFormat, type TracingConfig } from '@blindsum/proto/tracing-config';
import { httpFormat, resolveHttp } from './config-http.ts';
import { keysFormat, toKeyStorage } from './identity/key-storage.ts';
import { witnessesFormat } from './config-witnesses.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const DEFAULT_CERTIFICATE_DAYS = 90;

/** Bytes, or `unlimited`. */
const byteLimitSchema = z
  .union([z.int().min(1), z.literal('unlimited')], 'expected a number of bytes, or unlimited')
  .transform((limit) => (limit === 'unlimited' ? Infinity : limit));

/** A number, or `all`. */
const countOrAllSchema = (least: number) =>
  z
    .union([z.int().min(least), z.literal('all')], `expected a whole number from ${least}, or all`)
    .transform((count) => (count === 'all' ? Infinity : count));

/** coordinator.yaml as it is written. */
export const configFormat = z.strictObject({
  /** Named like a bare host. */
  federation: federationSchema,
  /** Relative to the configuration file. Holds keys: readable by the operator only. */
  stateDirectory: z.string().min(1),
  listen: z
    .strictObject({
      /** For sites, over mutual TLS. */
      grpc: hostPortSchema.default('127.0.0.1:7443'),
      /** For operators and auditors, over TLS. */
      http: hostPortSchema.default('127.0.0.1:7480'),
    })
    .prefault({}),
  /** host:port that sites dial, in certificates and grants; the address listened on unless given. */
  advertise: hostPortSchema.optional(),
  identity: z
    .discriminatedUnion('authority', [
      z.strictObject({
        /** The coordinator makes an authority of its own, which issues all certificates. */
        authority: z.literal('own'),
        /** Days for which a site's certificate is valid; sites renew theirs after two thirds of it. */
        siteCertificateDays: z.int().min(1).max(825).default(DEFAULT_CERTIFICATE_DAYS),
        /** The same for the coordinator's own. */
        serverCertificateDays: z.int().min(1).max(825).default(DEFAULT_CERTIFICATE_DAYS),
      }),
      z.strictObject({
        /** An authority elsewhere, of a hospital's PKI for example, issues all certificates. */
        authority: z.literal('external'),
        /** PEM: authorities whose site certificates are accepted. All paths are relative to the configuration file. */
        trustFile: z.string().min(1),
        /** PEM: the coordinator's certificate, with what leads to an authority in `trustFile` after it. Read again when it changes. */
        certificateFile: z.string().min(1),
        /** PEM: its key, unencrypted and readable by the operator only. */
        keyFile: z.string().min(1),
      }),
    ])
    .prefault({ authority: 'own' }),
  /** How the coordinator keeps its secret keys. */
  keys: keysFormat.prefault({}),
  /** Certificates of authorities that are trusted besides the platform's, for what the coordinator asks of others: log mirrors, the OpenID provider. */
  trustedCaFile: z.string().min(1).optional(),
  http: httpFormat,
  log: z
    .strictObject({
      /** Name of the transparency log and of its key; the federation's name unless given. */
      origin: federationSchema.optional(),
      /** Folder of the log's public files, relative to the configuration file; `log` in the state directory unless given. */
      directory: z.string().min(1).optional(),
      /** Copies of the log that others keep, as folders or addresses: a log that is behind one of them does not start. */
      mirrors: z.array(z.string().min(1)).max(16).default([]),
      /** How long an administrative action may wait for its place in the log. */
      administrationMinutes: z.int().min(1).max(10_080).default(10),
    })
    .prefault({}),
  /** Has the log stamped by an authority elsewhere (RFC 3161); not unless given. */
  timestamps: z
    .strictObject({
      url: z.string().regex(/^https?:\/\/[^\s?#@]+$/, 'expected an address, http:// or https://'),
      /** PEM: certificates of which one is the authority's, or has issued it; relative to the configuration file. */
      caFile: z.string().min(1),
      /** Time between two timestamps. */
      everyHours: z.int().min(1).max(8760).default(24),
    })
    .optional(),
  witnesses: witnessesFormat,
  limits: z
    .strictObject({
      /** Upload streams served at the same time; others are told to come back. Each holds at most about 16 MiB. */
      maxUploadsAtOnce: z.int().min(1).max(1024).default(8),
      /** Bytes of uploads of a site kept for one round, with all kinds and attempts; Infinity for no limit. */
      maxUploadBytesPerSite: byteLimitSchema.default(16 * GIB),
      /** The same for all sites together. */
      maxUploadBytesPerRound: byteLimitSchema.default(256 * GIB),
      /** Uploads are refused while less is free on the file system of the state directory. */
      diskReserveBytes: z
        .int()
        .min(0)
        .default(256 * MIB),
      /** Jobs that run at the same time; others that are ready wait in a queue. */
      maxRunningJobs: z.int().min(1).max(1024).default(4),
      /** Jobs that have not ended: joining, queued, running or paused; more are refused. */
      maxOpenJobs: z.int().min(1).max(100_000).default(100),
    })
    .prefault({}),
  retention: z
    .strictObject({
      /** Latest published rounds of each job whose ciphertexts, shares, openings and sums are kept. */
      publishedRounds: countOrAllSchema(1).default(Infinity),
      /** Latest failed attempts of each job of which the same is kept. */
      failedAttempts: countOrAllSchema(0).default(1),
    })
    .prefault({}),
  aggregation: z
    .strictObject({
      /** Threads that add ciphertexts. */
      workers: z.int().min(1).max(64).default(1),
    })
    .prefault({}),
  /** Traces of rounds (OpenTelemetry); none unless given. */
  tracing: tracingFormat.optional(),
  logging: z
    .strictObject({
      level: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('info'),
    })
    .prefault({}),
});

export type Config = Omit<z.output<typeof configFormat>, 'log' | 'timestamps' | 'tracing'> & {
  readonly tracing?: TracingConfig;
  readonly timestamps?: NonNullable<z.output<typeof configFormat>['timestamps']>;
  /** Absolute. */
  readonly stateDirectory: string;
  /** Files, the directory, and mirrors that are folders, are absolute. */
  readonly log: Readonly<z.output<typeof configFormat>['log']> & {
    readonly origin: string;
    readonly directory: string;
  };
};

/** Paths of files are absolute. */
export type IdentityConfig = z.output<typeof configFormat>['identity'];

/** Reads a configuration file; refuses CONFIG_INVALID with the file and the place of each mistake. */
export async function loadConfig(path: string): Promise<Config> {
  const file = basename(path);
  const parsed = configFormat.safeParse(await loadYaml(path));
  if (!parsed.success) throw new Refusal('CONFIG_INVALID', `${file}: ${describeIssues(parsed.error)}`);
  const config = parsed.data;
  const at = dirname(path);
  const stateDirectory = resolve(at, config.stateDirectory);
  const { origin = config.federation, directory, mirrors } = config.log;
  const { timestamps, tracing, ...rest } = config;
  return {
    ...rest,
    ...(timestamps && { timestamps: { ...timestamps, caFile: resolve(at, timestamps.caFile) } }),
    ...(tracing && { tracing: resolveTracing(tracing, at) }),
    stateDirectory,
    identity: toAbsolute(config.identity, at),
    keys: toKeyStorage(config.keys, at),
    ...(config.trustedCaFile !== undefined && { trustedCaFile: resolve(at, config.trustedCaFile) }),
    http: resolveHttp(config.http, config.listen.http, at),
    log: {
      ...config.log,
      origin,
      directory: directory === undefined ? join(stateDirectory, 'log') : resolve(at, directory),
      mirrors: mirrors.map((mirror) => (isAddress(mirror) ? mirror : resolve(at, mirror))),
    },
  };
}

function toAbsolute(identity: IdentityConfig, at: string): IdentityConfig {
  if (identity.authority === 'own') return identity;
  const { trustFile, certificateFile, keyFile } = identity;
  return {
    authority: 'external',
    trustFile: resolve(at, trustFile),
    certificateFile: resolve(at, certificateFile),
    keyFile: resolve(at, keyFile),
  };
}

function isAddress(source: string): boolean {
  return /^https?:\/\//i.test(source);
}
