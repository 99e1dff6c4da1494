// Who may call what: one row for each method of each service, complete by type. The role is enforced before a request is read
// (service-handlers.ts, stranger-gate.ts), the membership where a job or a round is opened (round-access.ts), the phase by the
// round's transition and by the services. A test calls every method against its row.
import {
  DownloadService,
  EnrolmentService,
  FederationService,
  JobService,
  LogService,
  ReleaseService,
  RosterService,
  RoundService,
  UploadService,
} from '@blindsum/proto/rpc';
import type { Round } from '../round/round.ts';

/** Every service of the port that sites dial. */
export const SERVICES = {
  EnrolmentService,
  FederationService,
  JobService,
  LogService,
  ReleaseService,
  RosterService,
  RoundService,
  UploadService,
  DownloadService,
} as const;

export type ServiceName = keyof typeof SERVICES;

/** `anyone` reaches the handler without a certificate; `site` is a member of the federation, shown anew by each call. */
export type Role = 'anyone' | 'site';

/**
 * What the caller must belong to: nothing, the federation, the roster of the job that is named, its consents, or those that the
 * round which is named began with.
 */
export type Membership = 'none' | 'federation' | 'roster' | 'consented' | 'round';

/**
 * Whose things a call touches: everybody's, for all members see the same; only the caller's own messages, uploads and state; only
 * what was sealed to the caller; or the ciphertext of a contributor that is gone.
 */
export type Whose = 'everybody' | 'own' | 'sealed to the caller' | 'gone';

export interface AccessRule {
  readonly role: Role;
  readonly member: Membership;
  /** Phases of the round in which a call does anything. What is held already may be sent again in any phase: a retry. */
  readonly phases: 'any' | readonly Round['phase'][];
  readonly whose: Whose;
  /** Longest request in bytes, if less than what the server takes from sites. */
  readonly maxRequestBytes?: number;
  /** The answer is held back until there is something to say: the caller is looked at again before it is given. */
  readonly isHeldBack?: boolean;
}

export type AccessRules = {
  readonly [S in ServiceName]: { readonly [M in keyof (typeof SERVICES)[S]['method']]: AccessRule };
};

/** A request with its keys and certificates. */
const MAX_ENROLMENT_BYTES = 64 << 10;

/** A signature line, with room for another key type. */
const MAX_COSIGNATURE_BYTES = 8 << 10;
/** A checkpoint with the cosignatures of many. */
const MAX_NOTE_BYTES = 64 << 10;

const MEMBER = { role: 'site', member: 'federation', phases: 'any' } as const;
const SIGNED = { role: 'site', member: 'round', whose: 'own' } as const;
const FETCHED = { role: 'site', member: 'round', whose: 'everybody' } as const;

/** A method without a row does not compile. */
export const ACCESS_RULES = {
  EnrolmentService: {
    // What the caller shows instead of a certificate is the secret of an invitation.
    enrol: {
      ...{ role: 'anyone', member: 'none', phases: 'any', whose: 'own' },
      maxRequestBytes: MAX_ENROLMENT_BYTES,
    },
    renew: { ...MEMBER, whose: 'own', maxRequestBytes: MAX_ENROLMENT_BYTES },
  },
  FederationService: {
    getFederation: { ...MEMBER, whose: 'everybody' },
    heartbeat: { ...MEMBER, whose: 'own' },
  },
  JobService: {
    listJobs: { ...MEMBER, whose: 'everybody' },
    getJob: { ...MEMBER, member: 'roster', whose: 'everybody' },
    consent: { ...MEMBER, member: 'roster', whose: 'own' },
    withdraw: { ...MEMBER, member: 'roster', whose: 'own' },
  },
  LogService: {
    getLog: { ...MEMBER, whose: 'everybody' },
    getCheckpoint: { ...MEMBER, whose: 'everybody' },
    getRecord: { ...MEMBER, whose: 'everybody' },
    showCheckpoint: { ...MEMBER, whose: 'everybody', maxRequestBytes: MAX_NOTE_BYTES },
    cosign: { ...MEMBER, whose: 'everybody', maxRequestBytes: MAX_COSIGNATURE_BYTES },
  },
  ReleaseService: {
    getRelease: { ...FETCHED, phases: ['published'] },
    voteForRelease: { ...SIGNED, phases: ['published'] },
    refuseRelease: { ...SIGNED, phases: ['published'] },
    deliverModel: { ...SIGNED, phases: ['published'] },
  },
  RosterService: {
    // A site that is admitted sees the roster that is to list it. Whose approval counts is decided by the two rosters.
    getRosterChain: { ...MEMBER, whose: 'everybody' },
    approveRoster: { ...MEMBER, whose: 'own' },
    refuseRoster: { ...MEMBER, whose: 'own' },
  },
  RoundService: {
    // Every member may wait for a job; the round itself is shown to those that take part in it.
    watchRound: { ...MEMBER, whose: 'everybody', isHeldBack: true },
    commit: { ...SIGNED, phases: ['collecting'] },
    acknowledge: { ...SIGNED, phases: ['sealed'] },
    complain: { ...SIGNED, phases: ['sealed'] },
    submitChecksum: { ...SIGNED, phases: ['summed'] },
    open: { ...SIGNED, phases: ['opening'] },
    attest: { ...SIGNED, phases: ['opening'] },
    offerCheckpoint: { ...SIGNED, phases: ['published'] },
    complainAboutCheckpoint: { ...SIGNED, member: 'consented', phases: ['published'] },
  },
  UploadService: {
    getUploadStatus: { ...SIGNED, phases: 'any' },
    // Ciphertext and shares, then the opening, then a checkpoint, or a model that is released.
    upload: { ...SIGNED, phases: ['collecting', 'opening', 'published'] },
  },
  DownloadService: {
    downloadSum: { ...FETCHED, phases: ['summed', 'opening', 'published'] },
    downloadContribution: { ...FETCHED, phases: ['summed'], whose: 'gone' },
    downloadShares: {
      ...FETCHED,
      phases: ['sealed', 'summed', 'opening', 'published'],
      whose: 'sealed to the caller',
    },
    downloadOpenings: { ...FETCHED, phases: ['opening', 'published'], whose: 'sealed to the caller' },
    downloadCheckpoint: { ...FETCHED, member: 'consented', phases: ['published'] },
  },
} as const satisfies AccessRules;

/** Methods of a service that need no certificate. */
export type OpenMethods<S extends ServiceName> = {
  [M in keyof AccessRules[S]]: (typeof ACCESS_RULES)[S] extends Record<M, { role: 'anyone' }> ? M : never;
}[keyof AccessRules[S]];

const BY_PATH: ReadonlyMap<string, AccessRule> = new Map(
  (Object.keys(SERVICES) as ServiceName[]).flatMap((name) => {
    const rules: Readonly<Record<string, AccessRule>> = ACCESS_RULES[name];
    const { typeName, methods } = SERVICES[name];
    return methods.map((method): [string, AccessRule] => [
      `/${typeName}/${method.name}`,
      rules[method.localName]!,
    ]);
  }),
);

/** The rule of a method by its path, `/package.Service/Method`. Throws for a path that is not served. */
export function ruleOfPath(path: string): AccessRule {
  const rule = BY_PATH.get(path);
  if (!rule) throw new Error(`no access rule for ${path}`);
  return rule;
}
