// site.yaml: parsed once, unknown keys refused, every mistake named with its place.
import { basename, dirname, resolve } from 'node:path';
import { z } from 'zod';
import { describeIssues, federationSchema, hostPortSchema, Refusal, siteIdSchema } from '@blindsum/proto';
import type { SiteDataSource } from './data/site-data.ts';
import { keysFormat, toKeyStorage } from './identity/key-storage.ts';
import { networkFormat } from './network/network-config.ts';
import { BACKEND_CHOICES } from './training/trainer.ts';
import { loadYaml } from '@blindsum/proto/node';
import { resolveTracing, tracingFormat, type TracingConfig } from '@blindsum/proto/tracing-config';

const fingerprintSchema = z
  .string()
  .regex(/^[0-9a-f]{4}(?:-[0-9a-f]{4}){9}$/, 'a fingerprint is ten groups of four hexadecimal digits');

const LOOPBACK = '127.0.0.1';

const holdoutFormat = z
  .strictObject({
    /** A file of its own, or ... */
    file: z.string().min(1).optional(),
    /** ... this share of the training file, class by class. */
    fraction: z.number().gt(0).lt(1).optional(),
    /** Decides which rows; the same seed holds out the same rows. */
    seed: z.int().min(0).max(0xffffffff).optional(),
  })
  .refine(
    ({ file, fraction, seed }) => file === undefined || (fraction === undefined && seed === undefined),
    'give either a file, or a fraction and a seed',
  );

/** Also of docs/site.md, which a test compares with it. */
export const configFormat = z.strictObject({
  site: siteIdSchema,
  federation: federationSchema,
  /** Relative to the configuration file. Holds keys and models: readable by the site only. */
  stateDirectory: z.string().min(1),
  /** host:port; the address in the grant unless given. */
  coordinator: hostPortSchema.optional(),
  /** How the site keeps its secret keys. */
  keys: keysFormat.prefault({}),
  network: networkFormat.prefault({}),
  data: z.strictObject({ train: z.string().min(1), holdout: holdoutFormat.prefault({}) }),
  trust: z
    .strictObject({
      /** Fingerprint of each member, compared out of band. A roster of these alone is approved without asking. */
      members: z.record(siteIdSchema, fingerprintSchema).default({}),
      /**
       * Whether a roster with members that are not listed waits for this site's own approval, or is accepted once the members
       * of the accepted one before it have adopted it.
       */
      roster: z.enum(['manual', 'members-decide']).default('manual'),
    })
    .prefault({}),
  /** File with what this site takes part in, relative to this one. Without it, nothing. */
  policy: z.string().min(1).optional(),
  training: z.strictObject({ backend: z.enum(BACKEND_CHOICES).default('auto') }).prefault({}),
  retry: z
    .strictObject({
      /** How long a coordinator may be out of reach. */
      giveUpAfterMinutes: z.number().gt(0).max(525_600).default(60),
    })
    .prefault({}),
  /** A page about this site for people at this machine, while the agent runs; off unless it is set. */
  localPage: z
    .strictObject({
      /** 0: any that is free. */
      port: z.int().min(0).max(65535),
      /** Nothing else: what it shows is not for a network. */
      host: z.literal(LOOPBACK, 'the local page is for this machine only: 127.0.0.1').default(LOOPBACK),
    })
    .optional(),
  /** Metrics for Prometheus, over HTTP on this machine; not unless given. */
  metrics: z
    .strictObject({
      listen: hostPortSchema.refine(isLoopbackAddress, 'expected an address of this machine: 127.0.0.1:port'),
    })
    .optional(),
  /** Traces of rounds (OpenTelemetry); none unless given. */
  tracing: tracingFormat.optional(),
  logging: z
    .strictObject({ level: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('info') })
    .prefault({}),
});

/** Who reaches it reads it. */
function isLoopbackAddress(address: string): boolean {
  return /^(?:localhost|\[::1\]|127(?:\.[0-9]{1,3}){3}):[0-9]+$/.test(address);
}

type Parsed = z.output<typeof configFormat>;

export type Config = Omit<Parsed, 'data' | 'coordinator' | 'policy' | 'tracing'> & {
  readonly tracing?: TracingConfig;
  /** Absolute. */
  readonly stateDirectory: string;
  /** From the configuration; the grant's counts otherwise. */
  readonly coordinator: string | undefined;
  /** Absolute; a site without a policy takes part in nothing. */
  readonly policy: string | undefined;
  /** Absolute paths. */
  readonly data: SiteDataSource;
};

const DEFAULT_HOLDOUT = { fraction: 0.2, seed: 1 };

/** Reads site.yaml; refuses CONFIG_INVALID with the file and the place of each mistake. */
export async function loadConfig(path: string): Promise<Config> {
  const parsed = configFormat.safeParse(await loadYaml(path));
  if (!parsed.success)
    throw new Refusal('CONFIG_INVALID', `${basename(path)}: ${describeIssues(parsed.error)}`);
  const { tracing, ...config } = parsed.data;
  const folder = dirname(resolve(path));
  return {
    ...config,
    ...(tracing && { tracing: resolveTracing(tracing, folder) }),
    coordinator: config.coordinator,
    keys: toKeyStorage(config.keys, folder),
    network: toNetwork(config.network, folder),
    policy: config.policy === undefined ? undefined : resolve(folder, config.policy),
    stateDirectory: resolve(folder, config.stateDirectory),
    data: toDataSource(config.data, folder),
  };
}

function toNetwork(network: Parsed['network'], folder: string): Parsed['network'] {
  const { proxyCredentialsFile, caFile } = network;
  return {
    ...network,
    ...(proxyCredentialsFile !== undefined && {
      proxyCredentialsFile: resolve(folder, proxyCredentialsFile),
    }),
    ...(caFile !== undefined && { caFile: resolve(folder, caFile) }),
  };
}

function toDataSource({ train, holdout }: Parsed['data'], folder: string): SiteDataSource {
  const file = resolve(folder, train);
  if (holdout.file !== undefined) return { file, holdoutFile: resolve(folder, holdout.file) };
  const { fraction, seed } = holdout;
  return {
    file,
    holdoutFraction: fraction ?? DEFAULT_HOLDOUT.fraction,
    seed: seed ?? DEFAULT_HOLDOUT.seed,
  };
}
