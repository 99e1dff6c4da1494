// Who is in a simulated federation, and its job. Everything is derived from names, so that two runs are the same; and made once,
// because real keys take time.
import { generateKeyPairSync } from 'node:crypto';
import {
  generateSharingKey,
  memberFingerprint,
  sha256,
  utf8,
  type Bytes,
  type Manifest,
  type Member,
  type Roster,
  type SiteId,
} from '@blindsum/proto';
import { createEd25519Signer } from '@blindsum/proto/node';
import type { Config } from '../../participant/src/config.ts';
import { SiteKeys } from '../../participant/src/identity/site-keys.ts';
import { createTestManifest, TEST_JOB } from '../fixtures/federation.ts';

export interface Identities {
  /** The first one. */
  readonly roster: Roster;
  /** Its members, and those who may join later, as one roster. */
  readonly everyone: Roster;
  readonly manifest: Manifest;
  /** Its members, and those who may join later. */
  readonly sites: readonly SiteIdentity[];
}

/** A federation with a job. */
export interface FederationSize {
  readonly sites: number;
  /** Sites that are in no first roster. */
  readonly newcomers: number;
  /** Most members that the job has room for. */
  readonly capacity: number;
}

export interface SiteIdentity {
  readonly site: SiteId;
  /** 1..n. */
  readonly index: number;
  readonly keys: SiteKeys;
  readonly config: Config;
}

const WAITS = {
  joinSeconds: 60,
  collectSeconds: 40,
  graceSeconds: 10,
  acknowledgeSeconds: 10,
  checksumSeconds: 10,
  openSeconds: 10,
  attestSeconds: 10,
  carrySeconds: 120,
};

const known = new Map<string, Identities>();

/** A federation with a job of three rounds: statistics, one training round, evaluation. */
export function identitiesOf(size: FederationSize): Identities {
  const name = JSON.stringify(size);
  const identities = known.get(name) ?? createIdentities(size);
  known.set(name, identities);
  return identities;
}

function createIdentities({ sites: count, newcomers, capacity }: FederationSize): Identities {
  const named = Array.from({ length: count + newcomers }, (_, i) => `site-${i + 1}` as SiteId);
  const keys = named.map(createKeys);
  const everyone = named.map((site, i) => keys[i]!.member(site));
  const members = everyone.slice(0, count);
  const roster: Roster = { federation: 'test.example', version: 1, previous: '', members };
  const manifest = createTestManifest(roster, {
    rounds: 1,
    attempts: 2,
    waits: WAITS,
    // Uniform weights and one-hot updates on the quantisation's grid: what is opened is exact.
    strategy: { ...TEST_JOB.strategy, weighting: 'uniform' },
    contributors: {
      ...(count < 4 ? { minimum: 2, allowTwoSites: true } : { minimum: 3 }),
      capacity,
    },
  });
  const sites = named.map((site, i) => ({
    site,
    index: i + 1,
    keys: keys[i]!,
    config: toConfig(site, roster.federation, everyone),
  }));
  return { roster, everyone: { ...roster, members: everyone }, manifest, sites };
}

const tlsKey = generateKeyPairSync('ed25519').privateKey;

function createKeys(site: SiteId): SiteKeys {
  const seed = (purpose: string): Bytes => sha256(utf8(`${purpose} of ${site}`));
  return new SiteKeys(createEd25519Signer(seed('signing')), generateSharingKey(seed('sharing')), tlsKey);
}

function toConfig(site: SiteId, federation: string, members: readonly Member[]): Config {
  const trusted = members.map((member) => [member.site, memberFingerprint(member)] as const);
  return {
    site,
    federation,
    stateDirectory: '',
    coordinator: undefined,
    data: { file: '', holdoutFraction: 0.2, seed: 1 },
    trust: { members: Object.fromEntries(trusted), roster: 'manual' },
    policy: undefined,
    keys: {},
    network: { proxy: 'none', keepaliveSeconds: 30 },
    training: { backend: 'cpu' },
    retry: { giveUpAfterMinutes: 60 },
    logging: { level: 'silent' },
  };
}
