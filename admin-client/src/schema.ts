// Generated from the routes of the coordinator by scripts/generate-api. Do not edit.
export interface paths {
  '/healthz': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Whether the coordinator is alive */
    get: operations['getHealth'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/readyz': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Whether sites can connect */
    get: operations['getReadiness'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/audit-trail': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * What was done, by whom, with what outcome; the latest first
     * @description Needs the scope `auditor`.
     */
    get: operations['listTrail'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/audit-trail/export': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The exact bytes of up to 500 entries after entry `after`, one to a line
     * @description Needs the scope `auditor`.
     */
    get: operations['exportTrail'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/backups': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Write down that a backup is made, and remove nothing for ten minutes
     * @description Needs the scope `operator`.
     */
    post: operations['announceBackup'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/events': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * job, round, upload, site, log and trail events, after `Last-Event-ID` if that is given; `reset` says that something was missed
     * @description Needs the scope `read`.
     */
    get: operations['watchEvents'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/federation': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The federation: its coordinator, log, roster and limits
     * @description Needs the scope `read`.
     */
    get: operations['getFederation'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/invitations': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Invitations, the oldest first
     * @description Needs the scope `operator`.
     */
    get: operations['listInvitations'];
    put?: never;
    /**
     * Invite a site: the answer holds the only copy of its token
     * @description Needs the scope `operator`.
     */
    post: operations['inviteSite'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/invitations/{invitation}/revoke': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * End an invitation, used or not
     * @description Needs the scope `operator`.
     */
    post: operations['revokeInvitation'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/jobs': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Jobs, the oldest first
     * @description Needs the scope `read`.
     */
    get: operations['listJobs'];
    put?: never;
    /**
     * Submit a job as its author signed it; the same again is a retry
     * @description Needs the scope `operator`.
     */
    post: operations['submitJob'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/jobs/{job}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * A job, its members and its manifest
     * @description Needs the scope `read`.
     */
    get: operations['getJob'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/jobs/{job}/cancel': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * End a job for good; a round that goes on fails
     * @description Needs the scope `operator`.
     */
    post: operations['cancelJob'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/jobs/{job}/curves': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * What was measured in each published round, over all contributors
     * @description Needs the scope `read`.
     */
    get: operations['getCurves'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/jobs/{job}/pause': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Pause a job once its round has ended
     * @description Needs the scope `operator`.
     */
    post: operations['pauseJob'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/jobs/{job}/privacy': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * What leaves a site in this job, in which form, and who can read it
     * @description Needs the scope `read`.
     */
    get: operations['getPrivacy'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/jobs/{job}/resume': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Go on with a paused job
     * @description Needs the scope `operator`.
     */
    post: operations['resumeJob'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/jobs/{job}/rounds': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Every attempt of every round
     * @description Needs the scope `read`.
     */
    get: operations['listRounds'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/jobs/{job}/rounds/{round}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The attempts of a round, with what each site has uploaded
     * @description Needs the scope `read`.
     */
    get: operations['getRound'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/jobs/validate': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Check a job for the roster there is, without submitting it
     * @description Needs the scope `operator`.
     */
    post: operations['validateJob'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/keys': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * API keys, the oldest first
     * @description Needs the scope `operator`.
     */
    get: operations['listKeys'];
    put?: never;
    /**
     * Make a key
     * @description Needs the scope `operator`.
     */
    post: operations['createKey'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/keys/{key}/revoke': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * End a key at once, with its sessions
     * @description Needs the scope `operator`.
     */
    post: operations['revokeKey'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/keys/{key}/rotate': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Give a key another secret; the one before stays good for a while
     * @description Needs the scope `operator`.
     */
    post: operations['rotateKey'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/log/records/{record}/redact': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Erase the body of a record, which the log says and keeps the hash of
     * @description Needs the scope `operator`.
     */
    post: operations['redactRecord'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/models': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Models that anybody may fetch
     * @description Needs the scope `read`.
     */
    get: operations['listModels'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/releases': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * What members say about making models public
     * @description Needs the scope `read`.
     */
    get: operations['listReleases'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/releases/{job}/{round}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The same of one model
     * @description Needs the scope `read`.
     */
    get: operations['getRelease'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/retention-hold': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Remove nothing for ten minutes
     * @description Needs the scope `operator`.
     */
    post: operations['holdRetention'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/roster': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The latest roster, and what the proposed one changes and waits for
     * @description Needs the scope `read`.
     */
    get: operations['getRoster'];
    put?: never;
    /**
     * Propose the sites that are admitted as the next version
     * @description Needs the scope `operator`.
     */
    post: operations['proposeRoster'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/roster/next': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The roster of the next job, with the keys of its members
     * @description Needs the scope `read`.
     */
    get: operations['getNextRoster'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/session': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Who is signed in, and until when
     * @description Needs the scope `read`.
     */
    get: operations['getSession'];
    put?: never;
    /**
     * Begin a session of a browser with an API key
     * @description Needs the scope `read`.
     */
    post: operations['signIn'];
    /**
     * End the session
     * @description Needs the scope `read`.
     */
    delete: operations['signOut'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/sign-in/options': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** How one may sign in, and whether the browser already brings a session */
    get: operations['getSignInOptions'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/sites': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Sites by name
     * @description Needs the scope `read`.
     */
    get: operations['listSites'];
    put?: never;
    /**
     * Admit a site by its request
     * @description Needs the scope `operator`.
     */
    post: operations['admitSite'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/sites/{site}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * A site and its jobs
     * @description Needs the scope `read`.
     */
    get: operations['getSite'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/sites/{site}/contributions': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * What a site contributed to rounds, and where it was left out; the latest first
     * @description Needs the scope `read`.
     */
    get: operations['listContributions'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/sites/{site}/revoke': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Revoke a site, with its certificates and invitations, from its next call on
     * @description Needs the scope `operator`.
     */
    post: operations['revokeSite'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/status': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Everything at a glance: log, disk, jobs, sites
     * @description Needs the scope `read`.
     */
    get: operations['getStatus'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/storage': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The disk, its quotas, and what each job takes of it
     * @description Needs the scope `read`.
     */
    get: operations['getStorage'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    ApiKey: {
      /** @description milliseconds since 1970 */
      createdMs: number;
      expiresMs: number | null;
      key: string;
      /** @description to the minute */
      lastUsedMs: number | null;
      name: string;
      /** @description until when the secret before is good too */
      overlapUntilMs: number | null;
      revokedMs: number | null;
      /** @enum {string} */
      scope: 'operator' | 'auditor' | 'read';
    };
    BackupAnnouncement: {
      /** @description where the command copies to */
      folder: string;
    };
    Cancellation: {
      reason: string;
    };
    Certificate: {
      /** @description milliseconds since 1970 */
      expiresMs: number;
      /** @enum {string} */
      state: 'valid' | 'expiring' | 'expired';
    };
    Contribution: {
      /** @description when the attempt began */
      atMs: number;
      attempt: number;
      /** @description of its upload, as far as it is kept */
      ciphertextBytes: number;
      job: string;
      /** @enum {string} */
      kind: 'statistics' | 'training' | 'evaluation';
      /** @enum {string} */
      outcome: 'contributed' | 'leftOut' | 'awaited';
      round: number;
      /** @description why it was left out, or what is awaited of it */
      why: string | null;
    };
    /** @description totals that sites opened and attested, and that are in the log; a value that was not opened is null */
    Curves: {
      job: string;
      rounds: {
        accuracy: number | null;
        auc: number | null;
        /** @description share of the values that met the bound of their range */
        clipped: number | null;
        contributors: number;
        /** @description rows that were evaluated, over all contributors */
        evaluated: number | null;
        /** @description rows that were trained on, over all contributors */
        examples: number | null;
        /** @enum {string} */
        kind: 'statistics' | 'training' | 'evaluation';
        loss: number | null;
        publishedMs: number | null;
        round: number;
      }[];
    };
    Disk: {
      /** @description bytes */
      freeBytes: number;
      /** @description bytes */
      reserveBytes: number;
      /** @enum {string} */
      state: 'ok' | 'low' | 'full';
    };
    Federation: {
      /** @description of the certificate authority: what sites compare out of band */
      authorityFingerprint: string;
      certificate: components['schemas']['Certificate'];
      federation: string;
      limits: {
        /** @description bytes */
        diskReserveBytes: number;
        maxOpenJobs: number;
        maxRunningJobs: number;
        /** @description null: no limit */
        maxUploadBytesPerRound: number | null;
        /** @description null: no limit */
        maxUploadBytesPerSite: number | null;
        maxUploadsAtOnce: number;
      };
      log: components['schemas']['Log'];
      /** @description the latest that was adopted */
      roster: {
        members: string[];
        version: number;
      } | null;
      /** @description milliseconds since 1970 */
      startedMs: number;
      version: string;
    };
    Health: {
      status: string;
    };
    Invitation: {
      /** @description milliseconds since 1970 */
      createdMs: number;
      /** @description milliseconds since 1970 */
      expiresMs: number;
      id: string;
      replaces: boolean;
      site: string;
      /** @enum {string} */
      state: 'open' | 'used' | 'expired' | 'revoked';
      usedMs: number | null;
    };
    InvitationWish: {
      /**
       * @description milliseconds; up to 90 days
       * @default 86400000
       */
      lifetimeMs: number;
      /**
       * @description whether it may take the place of an admitted site
       * @default false
       */
      replaces: boolean;
      site: string;
    };
    IssuedApiKey: {
      /** @description milliseconds since 1970 */
      createdMs: number;
      /** @description secret, and told here alone */
      credential: string;
      expiresMs: number | null;
      key: string;
      /** @description to the minute */
      lastUsedMs: number | null;
      name: string;
      /** @description until when the secret before is good too */
      overlapUntilMs: number | null;
      revokedMs: number | null;
      /** @enum {string} */
      scope: 'operator' | 'auditor' | 'read';
    };
    IssuedInvitation: {
      /** @description milliseconds since 1970 */
      expiresMs: number;
      id: string;
      site: string;
      /** @description secret, and told here alone */
      token: string;
    };
    Job: {
      /** @description of uploads and sums that are kept */
      bytesOnDisk: number;
      current: {
        attempt: number;
        awaited: {
          site: string;
          what: string;
        }[];
        isCarried: boolean;
        /** @enum {string} */
        phase: 'collecting' | 'sealed' | 'summed' | 'opening' | 'published' | 'failed';
        round: number;
        sitesIn: number;
      } | null;
      description: string;
      failure: string | null;
      job: string;
      modelHash: string | null;
      parameters: number;
      /** @description 1 for the job that starts next; null unless it is queued */
      queuePosition: number | null;
      roster: {
        version: number;
        waits: string | null;
      };
      /** @enum {string} */
      state:
        | 'joining'
        | 'queued'
        | 'paused'
        | 'starting'
        | 'resuming'
        | 'running'
        | 'pausing'
        | 'cancelling'
        | 'finished'
        | 'failed'
        | 'cancelled';
      /** @description milliseconds since 1970 */
      submittedMs: number;
      trainingRounds: number;
      /** @description sites that took their consent back */
      withdrawn: string[];
    };
    JobDetail: {
      /** @description of uploads and sums that are kept */
      bytesOnDisk: number;
      /** @description who sealed the latest model for sites that were away; null as long as none needed it */
      checkpoint: {
        asked: string | null;
        complaints: {
          sealer: string;
          site: string;
        }[];
        round: number;
        sealedBy: string[];
      } | null;
      current: {
        attempt: number;
        awaited: {
          site: string;
          what: string;
        }[];
        isCarried: boolean;
        /** @enum {string} */
        phase: 'collecting' | 'sealed' | 'summed' | 'opening' | 'published' | 'failed';
        round: number;
        sitesIn: number;
      } | null;
      description: string;
      failure: string | null;
      job: string;
      /** @description what the sites consent to */
      manifest: {
        [key: string]: unknown;
      };
      manifestHash: string;
      members: {
        consented: boolean;
        site: string;
        withdrawn: boolean;
      }[];
      modelHash: string | null;
      parameters: number;
      /** @description 1 for the job that starts next; null unless it is queued */
      queuePosition: number | null;
      roster: {
        version: number;
        waits: string | null;
      };
      rosterHash: string;
      /** @enum {string} */
      state:
        | 'joining'
        | 'queued'
        | 'paused'
        | 'starting'
        | 'resuming'
        | 'running'
        | 'pausing'
        | 'cancelling'
        | 'finished'
        | 'failed'
        | 'cancelled';
      /** @description milliseconds since 1970 */
      submittedMs: number;
      trainingRounds: number;
      /** @description sites that took their consent back */
      withdrawn: string[];
    };
    JobEvent: {
      /** @description milliseconds since 1970 */
      atMs: number;
      job: components['schemas']['Job'];
    };
    /** @description a job file as JSON, or a signed manifest */
    JobFile: {
      [key: string]: unknown;
    };
    JobValidation: {
      ok: boolean;
      problems: {
        code: string;
        message: string;
        path: string;
      }[];
      summary: {
        /** @description false: it was checked for made-up members */
        isRosterAdopted: boolean;
        job: string;
        minimum: number;
        parameters: number;
        rounds: number;
        sites: number;
        threshold: number;
        /** @description of each site, in a training round */
        uploadBytesPerRound: number;
      } | null;
    };
    Log: {
      cosignedSize: number;
      origin: string;
      quorum: {
        group: string;
        of: number;
        threshold: number;
      }[];
      root: string;
      size: number;
      /** @description why it signs nothing any more; null as long as it does */
      stopped: string | null;
      verifierKey: string;
      witnesses: {
        cosignedMs: number | null;
        lag: number;
        name: string;
        reason: string | null;
        size: number;
        /** @enum {string} */
        state: 'ok' | 'failing' | 'waiting';
      }[];
    };
    LogEvent: {
      /** @description milliseconds since 1970 */
      atMs: number;
      log: components['schemas']['Log'];
    };
    NewApiKey: {
      /** @description from now; for ever without it */
      lifetimeMs?: number;
      name: string;
      /** @enum {string} */
      scope: 'operator' | 'auditor' | 'read';
    };
    NextRoster: {
      federation: string;
      members: {
        sharingKey: string;
        signingKey: string;
        site: string;
      }[];
      previous: string;
      version: number;
    };
    Overview: {
      certificate: components['schemas']['Certificate'];
      disk: components['schemas']['Disk'];
      federation: string;
      jobs: components['schemas']['Job'][];
      log: components['schemas']['Log'];
      sites: components['schemas']['Site'][];
      /** @description milliseconds since 1970 */
      startedMs: number;
      /** @description null where the log is not stamped */
      timestamps: {
        latestMs: number | null;
        reason: string | null;
        /** @enum {string} */
        state: 'ok' | 'failing';
      } | null;
      version: string;
    };
    Privacy: {
      allowTwoSites: boolean;
      /** @description L2 bound of an update; a decimal */
      clipNorm: string;
      /** @description what leaves a site, in which form, and who can read it */
      flows: {
        /**
         * @description what members learn once the sum is opened
         * @enum {string}
         */
        afterOpening: 'total' | 'nothing';
        /** @enum {string} */
        form: 'encrypted' | 'sealed' | 'signed' | 'clear';
        /** @enum {string} */
        readers: 'nobody' | 'members' | 'operators' | 'everybody';
        /** @description empty: at any time */
        rounds: ('statistics' | 'training' | 'evaluation')[];
        what: string;
      }[];
      job: string;
      members: string[];
      /** @description fewest updates in a sum that is opened */
      minimumContributors: number;
      /**
       * @description everybody: the members released it
       * @enum {string}
       */
      modelReaders: 'members' | 'everybody';
      /** @description none is added: a sum is exact */
      noise: null;
      /** @description T: members that must act together to open a sum */
      threshold: number;
    };
    Problem: {
      /** @enum {string} */
      code:
        | 'MALFORMED'
        | 'CONFIG_INVALID'
        | 'MANIFEST_INVALID'
        | 'DATA_INVALID'
        | 'MODEL_MISMATCH'
        | 'UNAUTHENTICATED'
        | 'NOT_ALLOWED'
        | 'NOT_A_MEMBER'
        | 'NOT_A_CONTRIBUTOR'
        | 'NOT_FOUND'
        | 'BAD_SIGNATURE'
        | 'WRONG_CONTEXT'
        | 'WRONG_PHASE'
        | 'CONFLICTING_SUBMISSION'
        | 'PART_OUT_OF_ORDER'
        | 'PART_BAD_LENGTH'
        | 'PART_OUT_OF_RANGE'
        | 'ROOT_MISMATCH'
        | 'BAD_SHARE'
        | 'INCONSISTENT_SHARES'
        | 'TOO_FEW_SHARES'
        | 'BAD_RESIDUAL'
        | 'BAD_CHECKSUM'
        | 'TOO_FEW_CONTRIBUTORS'
        | 'TOO_FEW_ACKNOWLEDGEMENTS'
        | 'TOO_FEW_ATTESTATIONS'
        | 'TOO_FEW_COSIGNATURES'
        | 'POLICY_MISMATCH'
        | 'ALREADY_OPENED'
        | 'MODEL_DISAGREEMENT'
        | 'BAD_ROSTER'
        | 'TOO_FEW_APPROVALS'
        | 'ROSTER_NOT_APPROVED'
        | 'POLICY_FORBIDS'
        | 'APPROVAL_NEEDED'
        | 'BAD_RECORD'
        | 'BAD_PROOF'
        | 'BAD_CHECKPOINT'
        | 'BAD_MODEL_CHECKPOINT'
        | 'LOG_STOPPED'
        | 'NOT_LOGGED'
        | 'LOG_SHRANK'
        | 'LOG_FORKED'
        | 'BUSY'
        | 'QUOTA_EXCEEDED'
        | 'UNAVAILABLE'
        | 'INTERNAL';
      /** @description what happened, and where */
      detail: string;
      /** @description what to do */
      hint: string;
      status: number;
      title: string;
      /** @description names the kind of problem: /docs/errors#CODE */
      type: string;
    };
    RedactedRecord: {
      /** @description of the record that says so */
      entry: number;
      record: string;
    };
    Redaction: {
      reason: string;
    };
    Release: {
      /** @description the voter that is asked for the file */
      asked: string | null;
      /** @description voters that brought another file */
      failed: string[];
      fileDigest: string | null;
      /** @description the voter whose file is served */
      from: string | null;
      job: string;
      refusals: {
        reason: string;
        site: string;
      }[];
      round: number;
      /** @enum {string} */
      state: 'voting' | 'agreed' | 'logged' | 'available';
      voters: string[];
    };
    ReleasedModel: {
      fileDigest: string;
      /** @description where anybody may fetch them */
      files: string[];
      job: string;
      round: number;
    };
    ResetEvent: {
      /** @description milliseconds since 1970 */
      atMs: number;
    };
    RetentionHold: {
      heldMs: number;
    };
    Roster: {
      adopted: {
        hash: string;
        members: {
          fingerprint: string;
          site: string;
        }[];
        version: number;
      } | null;
      proposed: {
        approvedBy: string[];
        changes: {
          before: string;
          fingerprint: string;
          site: string;
        }[];
        hash: string;
        joins: {
          fingerprint: string;
          site: string;
        }[];
        leaves: {
          fingerprint: string;
          site: string;
        }[];
        /** @description who must approve yet: each of `owners`, and `count` of `among` */
        missing: {
          among: string[];
          count: number;
          owners: string[];
        };
        refusedBy: {
          reason: string;
          site: string;
        }[];
        version: number;
      } | null;
    };
    RosterProposal: {
      /**
       * @description also a proposal that has approvals
       * @default false
       */
      replace: boolean;
    };
    Rotation: {
      /** @description how long the secret before stays good */
      overlapMs: number;
    };
    Round: {
      attempt: number;
      awaited: {
        site: string;
        what: string;
      }[];
      baseModelHash: string;
      context: string;
      contributors: string[];
      deadlineMs: number | null;
      failure: {
        detail: string;
        /** @enum {string} */
        reason:
          | 'TOO_FEW_CONTRIBUTORS'
          | 'TOO_FEW_ACKNOWLEDGEMENTS'
          | 'CHECKSUM_MISSING'
          | 'CHECKSUM_MISMATCH'
          | 'TOO_FEW_OPENINGS'
          | 'TOO_FEW_ATTESTATIONS'
          | 'MODEL_DISAGREEMENT'
          | 'CANCELLED';
      } | null;
      /** @description shares were opened, and the sites that could end it are away */
      isCarried: boolean;
      job: string;
      /** @enum {string} */
      kind: 'statistics' | 'training' | 'evaluation';
      leftOut: {
        site: string;
        what: string;
      }[];
      modelHash: string | null;
      /** @enum {string} */
      phase: 'collecting' | 'sealed' | 'summed' | 'opening' | 'published' | 'failed';
      phases: {
        /** @description milliseconds since 1970 */
        atMs: number;
        /** @enum {string} */
        phase: 'collecting' | 'sealed' | 'summed' | 'opening' | 'published' | 'failed';
      }[];
      round: number;
      setRoot: string | null;
      /** @description milliseconds since 1970 */
      startedMs: number;
      sumRoot: string | null;
      /** @description bytes of uploads, downloads and signed messages that the coordinator received and sent in each phase, those that were sent again among them and without what the transport adds; a crash loses those of its last five seconds */
      traffic: {
        /** @enum {string} */
        phase: 'collecting' | 'sealed' | 'summed' | 'opening' | 'published' | 'failed';
        /** @description bytes */
        receivedBytes: number;
        /** @description bytes */
        sentBytes: number;
      }[];
    };
    RoundDetail: {
      attempt: number;
      awaited: {
        site: string;
        what: string;
      }[];
      baseModelHash: string;
      /** @description chunks of 32 KiB of a contribution */
      chunks: number;
      context: string;
      contributors: string[];
      deadlineMs: number | null;
      failure: {
        detail: string;
        /** @enum {string} */
        reason:
          | 'TOO_FEW_CONTRIBUTORS'
          | 'TOO_FEW_ACKNOWLEDGEMENTS'
          | 'CHECKSUM_MISSING'
          | 'CHECKSUM_MISMATCH'
          | 'TOO_FEW_OPENINGS'
          | 'TOO_FEW_ATTESTATIONS'
          | 'MODEL_DISAGREEMENT'
          | 'CANCELLED';
      } | null;
      /** @description shares were opened, and the sites that could end it are away */
      isCarried: boolean;
      job: string;
      /** @enum {string} */
      kind: 'statistics' | 'training' | 'evaluation';
      leftOut: {
        site: string;
        what: string;
      }[];
      modelHash: string | null;
      /** @enum {string} */
      phase: 'collecting' | 'sealed' | 'summed' | 'opening' | 'published' | 'failed';
      phases: {
        /** @description milliseconds since 1970 */
        atMs: number;
        /** @enum {string} */
        phase: 'collecting' | 'sealed' | 'summed' | 'opening' | 'published' | 'failed';
      }[];
      round: number;
      setRoot: string | null;
      /** @description milliseconds since 1970 */
      startedMs: number;
      sumRoot: string | null;
      /** @description bytes of uploads, downloads and signed messages that the coordinator received and sent in each phase, those that were sent again among them and without what the transport adds; a crash loses those of its last five seconds */
      traffic: {
        /** @enum {string} */
        phase: 'collecting' | 'sealed' | 'summed' | 'opening' | 'published' | 'failed';
        /** @description bytes */
        receivedBytes: number;
        /** @description bytes */
        sentBytes: number;
      }[];
      uploads: {
        /** @description bytes */
        ciphertextBytes: number;
        /** @description bytes */
        openingBytes: number;
        /** @description bytes */
        sharesBytes: number;
        site: string;
      }[];
    };
    RoundEvent: {
      /** @description milliseconds since 1970 */
      atMs: number;
      round: components['schemas']['Round'];
    };
    Session: {
      actor:
        | {
            key: string;
            /** @constant */
            kind: 'key';
            name: string;
            /** @enum {string} */
            scope: 'operator' | 'auditor' | 'read';
          }
        | {
            issuer: string;
            /** @constant */
            kind: 'person';
            /** @enum {string} */
            scope: 'operator' | 'auditor' | 'read';
            subject: string;
          };
      /** @description null for an API key without a session */
      endsMs: number | null;
      /** @enum {string} */
      scope: 'operator' | 'auditor' | 'read';
    };
    SignedManifest: {
      /** @constant */
      format: 'blindsum-signed-manifest/v1';
      /** @description base64 */
      manifest: string;
      signature: string;
    };
    SignInOptions: {
      /** @description whether this browser sends a session, good or not */
      bringsSession: boolean;
      federation: string;
      /** @description whether there is an OpenID provider to sign in with */
      openId: boolean;
    };
    Site: {
      activity: string;
      /** @description milliseconds since 1970 */
      admittedMs: number;
      backend: string;
      certificate: components['schemas']['Certificate'];
      /** @description of its keys: what people compare out of band */
      fingerprint: string;
      lastSeenMs: number | null;
      online: boolean;
      /** @description progress of its activity */
      permille: number;
      revoked: {
        /** @description milliseconds since 1970 */
        atMs: number;
        /** @enum {string} */
        reason:
          | 'unspecified'
          | 'key-compromise'
          | 'affiliation-changed'
          | 'superseded'
          | 'cessation-of-operation'
          | 'privilege-withdrawn';
      } | null;
      site: string;
      /** @description as its last heartbeat said; empty before the first */
      version: string;
    };
    SiteDetail: {
      activity: string;
      /** @description milliseconds since 1970 */
      admittedMs: number;
      backend: string;
      certificate: components['schemas']['Certificate'];
      /** @description of its keys: what people compare out of band */
      fingerprint: string;
      /** @description those whose roster it is in, the latest first */
      jobs: {
        consented: boolean;
        job: string;
        /** @enum {string} */
        state:
          | 'joining'
          | 'queued'
          | 'paused'
          | 'starting'
          | 'resuming'
          | 'running'
          | 'pausing'
          | 'cancelling'
          | 'finished'
          | 'failed'
          | 'cancelled';
        withdrawn: boolean;
      }[];
      lastSeenMs: number | null;
      online: boolean;
      /** @description progress of its activity */
      permille: number;
      revoked: {
        /** @description milliseconds since 1970 */
        atMs: number;
        /** @enum {string} */
        reason:
          | 'unspecified'
          | 'key-compromise'
          | 'affiliation-changed'
          | 'superseded'
          | 'cessation-of-operation'
          | 'privilege-withdrawn';
      } | null;
      site: string;
      /** @description as its last heartbeat said; empty before the first */
      version: string;
    };
    SiteEvent: {
      /** @description milliseconds since 1970 */
      atMs: number;
      site: components['schemas']['Site'];
    };
    SiteGrant: {
      caCertificate: string;
      certificate: string;
      coordinator: string;
      federation: string;
      /** @constant */
      format: 'blindsum-site-grant/v1';
      logVerifierKey: string;
      site: string;
    };
    /** @description the file that `blindsum-site keygen` writes */
    SiteRequest: {
      [key: string]: unknown;
    };
    SiteRevocation: {
      /**
       * @default unspecified
       * @enum {string}
       */
      reason:
        | 'unspecified'
        | 'key-compromise'
        | 'affiliation-changed'
        | 'superseded'
        | 'cessation-of-operation'
        | 'privilege-withdrawn';
    };
    Storage: {
      disk: components['schemas']['Disk'];
      jobs: {
        bytes: {
          [key: string]: number;
        };
        job: string;
        /** @description bytes */
        totalBytes: number;
      }[];
      limits: {
        /** @description bytes */
        diskReserveBytes: number;
        /** @description null: no limit */
        maxUploadBytesPerRound: number | null;
        /** @description null: no limit */
        maxUploadBytesPerSite: number | null;
      };
      retention: {
        /** @description null: all are kept */
        failedAttempts: number | null;
        /** @description null: all are kept */
        publishedRounds: number | null;
      };
      /** @description bytes */
      totalBytes: number;
    };
    SubmittedJob: {
      job: string;
      parameters: number;
      rounds: number;
      sites: string[];
      /** @enum {string} */
      state:
        | 'joining'
        | 'queued'
        | 'paused'
        | 'starting'
        | 'resuming'
        | 'running'
        | 'pausing'
        | 'cancelling'
        | 'finished'
        | 'failed'
        | 'cancelled';
      threshold: number;
    };
    TrailEntry: {
      action: string;
      actor: {
        /**
         * @description the name is what the command called itself
         * @constant
         */
        claimed?: true;
        issuer?: string;
        key?: string;
        /** @enum {string} */
        kind: 'local' | 'key' | 'person' | 'stranger' | 'coordinator';
        name?: string;
        /** @enum {string} */
        scope?: 'operator' | 'auditor' | 'read';
        subject?: string;
        user?: string;
      };
      /** @description milliseconds since 1970 */
      atMs: number;
      /** @description of a refusal; else empty */
      code: string;
      /** @description the entry `begun` that this one completes; 0 for none */
      completes: number;
      detail: string;
      from: string;
      /** @enum {string} */
      outcome: 'begun' | 'done' | 'refused' | 'failed' | 'unknown';
      sequence: number;
      subject: string;
    };
    TrailEvent: {
      /** @description milliseconds since 1970 */
      atMs: number;
      /** @description the number of the latest entry of the audit trail */
      last: number;
    };
    UploadEvent: {
      /** @description milliseconds since 1970 */
      atMs: number;
      attempt: number;
      /** @description that are on disk */
      bytes: number;
      job: string;
      /** @enum {string} */
      kind: 'ciphertext' | 'shares' | 'opening' | 'checkpoint' | 'model';
      /** @description bytes */
      ofBytes: number;
      round: number;
      site: string;
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
  getHealth: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Health'];
        };
      };
      /** @description why nothing was done, and what to do */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getReadiness: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Health'];
        };
      };
      /** @description why nothing was done, and what to do */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listTrail: {
    parameters: {
      query?: {
        action?: string;
        /** @description a user, the name or the digits of a key, a person */
        actor?: string;
        /** @description `next` of the page before; the first page without */
        cursor?: string;
        /** @description how many at most */
        limit?: number;
        /** @description milliseconds since 1970 */
        since?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            entries: components['schemas']['TrailEntry'][];
            /** @description `cursor` of the next page; null for the last one */
            next: string | null;
          };
        };
      };
      /** @description why nothing was done, and what to do */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  exportTrail: {
    parameters: {
      query?: {
        /** @description the number of the entry before the first */
        after?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/x-ndjson': string;
        };
      };
      /** @description why nothing was done, and what to do */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  announceBackup: {
    parameters: {
      query?: never;
      header?: {
        /** @description the same request again within a day is done once, and answered alike */
        'idempotency-key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['BackupAnnouncement'];
      };
    };
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RetentionHold'];
        };
      };
      /** @description why nothing was done, and what to do */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  watchEvents: {
    parameters: {
      query?: {
        /** @description expected one or more of job, round, upload, site, log, trail, separated by commas */
        types?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description a stream of events */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'text/event-stream': string;
        };
      };
      /** @description why nothing was done, and what to do */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getFederation: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Federation'];
        };
      };
      /** @description why nothing was done, and what to do */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listInvitations: {
    parameters: {
      query?: {
        /** @description `next` of the page before; the first page without */
        cursor?: string;
        /** @description how many at most */
        limit?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            invitations: components['schemas']['Invitation'][];
            /** @description `cursor` of the next page; null for the last one */
            next: string | null;
          };
        };
      };
      /** @description why nothing was done, and what to do */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  inviteSite: {
    parameters: {
      query?: never;
      header?: {
        /** @description the same request again within a day is done once, and answered alike */
        'idempotency-key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['InvitationWish'];
      };
    };
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['IssuedInvitation'];
        };
      };
      /** @description why nothing was done, and what to do */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  revokeInvitation: {
    parameters: {
      query?: never;
      header?: {
        /** @description the same request again within a day is done once, and answered alike */
        'idempotency-key'?: string;
      };
      path: {
        invitation: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Invitation'];
        };
      };
      /** @description why nothing was done, and what to do */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listJobs: {
    parameters: {
      query?: {
        /** @description `next` of the page before; the first page without */
        cursor?: string;
        /** @description how many at most */
        limit?: number;
        /** @description expected one or more of joining, queued, paused, starting, resuming, running, pausing, cancelling, finished, failed, cancelled, separated by commas */
        state?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            jobs: components['schemas']['Job'][];
            /** @description `cursor` of the next page; null for the last one */
            next: string | null;
          };
        };
      };
      /** @description why nothing was done, and what to do */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  submitJob: {
    parameters: {
      query?: never;
      header?: {
        /** @description the same request again within a day is done once, and answered alike */
        'idempotency-key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['SignedManifest'];
      };
    };
    responses: {
      /** @description Default Response */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SubmittedJob'];
        };
      };
      /** @description why nothing was done, and what to do */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getJob: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        job: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['JobDetail'];
        };
      };
      /** @description why nothing was done, and what to do */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  cancelJob: {
    parameters: {
      query?: never;
      header?: {
        /** @description the same request again within a day is done once, and answered alike */
        'idempotency-key'?: string;
      };
      path: {
        job: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['Cancellation'];
      };
    };
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Job'];
        };
      };
      /** @description why nothing was done, and what to do */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getCurves: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        job: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Curves'];
        };
      };
      /** @description why nothing was done, and what to do */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  pauseJob: {
    parameters: {
      query?: never;
      header?: {
        /** @description the same request again within a day is done once, and answered alike */
        'idempotency-key'?: string;
      };
      path: {
        job: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Job'];
        };
      };
      /** @description why nothing was done, and what to do */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getPrivacy: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        job: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Privacy'];
        };
      };
      /** @description why nothing was done, and what to do */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  resumeJob: {
    parameters: {
      query?: never;
      header?: {
        /** @description the same request again within a day is done once, and answered alike */
        'idempotency-key'?: string;
      };
      path: {
        job: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Job'];
        };
      };
      /** @description why nothing was done, and what to do */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listRounds: {
    parameters: {
      query?: {
        /** @description `next` of the page before; the first page without */
        cursor?: string;
        /** @description how many at most */
        limit?: number;
      };
      header?: never;
      path: {
        job: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description `cursor` of the next page; null for the last one */
            next: string | null;
            rounds: components['schemas']['Round'][];
          };
        };
      };
      /** @description why nothing was done, and what to do */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getRound: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        job: string;
        round: number;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            attempts: components['schemas']['RoundDetail'][];
          };
        };
      };
      /** @description why nothing was done, and what to do */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  validateJob: {
    parameters: {
      query?: never;
      header?: {
        /** @description the same request again within a day is done once, and answered alike */
        'idempotency-key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['JobFile'];
      };
    };
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['JobValidation'];
        };
      };
      /** @description why nothing was done, and what to do */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listKeys: {
    parameters: {
      query?: {
        /** @description `next` of the page before; the first page without */
        cursor?: string;
        /** @description how many at most */
        limit?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            keys: components['schemas']['ApiKey'][];
            /** @description `cursor` of the next page; null for the last one */
            next: string | null;
          };
        };
      };
      /** @description why nothing was done, and what to do */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  createKey: {
    parameters: {
      query?: never;
      header?: {
        /** @description the same request again within a day is done once, and answered alike */
        'idempotency-key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['NewApiKey'];
      };
    };
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['IssuedApiKey'];
        };
      };
      /** @description why nothing was done, and what to do */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  revokeKey: {
    parameters: {
      query?: never;
      header?: {
        /** @description the same request again within a day is done once, and answered alike */
        'idempotency-key'?: string;
      };
      path: {
        key: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ApiKey'];
        };
      };
      /** @description why nothing was done, and what to do */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  rotateKey: {
    parameters: {
      query?: never;
      header?: {
        /** @description the same request again within a day is done once, and answered alike */
        'idempotency-key'?: string;
      };
      path: {
        key: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['Rotation'];
      };
    };
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['IssuedApiKey'];
        };
      };
      /** @description why nothing was done, and what to do */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  redactRecord: {
    parameters: {
      query?: never;
      header?: {
        /** @description the same request again within a day is done once, and answered alike */
        'idempotency-key'?: string;
      };
      path: {
        record: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['Redaction'];
      };
    };
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RedactedRecord'];
        };
      };
      /** @description why nothing was done, and what to do */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listModels: {
    parameters: {
      query?: {
        /** @description `next` of the page before; the first page without */
        cursor?: string;
        /** @description how many at most */
        limit?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            models: components['schemas']['ReleasedModel'][];
            /** @description `cursor` of the next page; null for the last one */
            next: string | null;
          };
        };
      };
      /** @description why nothing was done, and what to do */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listReleases: {
    parameters: {
      query?: {
        /** @description `next` of the page before; the first page without */
        cursor?: string;
        /** @description how many at most */
        limit?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description `cursor` of the next page; null for the last one */
            next: string | null;
            releases: components['schemas']['Release'][];
          };
        };
      };
      /** @description why nothing was done, and what to do */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getRelease: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        job: string;
        round: number;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Release'];
        };
      };
      /** @description why nothing was done, and what to do */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  holdRetention: {
    parameters: {
      query?: never;
      header?: {
        /** @description the same request again within a day is done once, and answered alike */
        'idempotency-key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RetentionHold'];
        };
      };
      /** @description why nothing was done, and what to do */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getRoster: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Roster'];
        };
      };
      /** @description why nothing was done, and what to do */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  proposeRoster: {
    parameters: {
      query?: never;
      header?: {
        /** @description the same request again within a day is done once, and answered alike */
        'idempotency-key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['RosterProposal'];
      };
    };
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Roster'];
        };
      };
      /** @description why nothing was done, and what to do */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getNextRoster: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['NextRoster'];
        };
      };
      /** @description why nothing was done, and what to do */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getSession: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Session'];
        };
      };
      /** @description why nothing was done, and what to do */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  signIn: {
    parameters: {
      query?: never;
      header?: {
        /** @description the same request again within a day is done once, and answered alike */
        'idempotency-key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Session'];
        };
      };
      /** @description why nothing was done, and what to do */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  signOut: {
    parameters: {
      query?: never;
      header?: {
        /** @description the same request again within a day is done once, and answered alike */
        'idempotency-key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            signedOut: boolean;
          };
        };
      };
      /** @description why nothing was done, and what to do */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getSignInOptions: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SignInOptions'];
        };
      };
      /** @description why nothing was done, and what to do */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listSites: {
    parameters: {
      query?: {
        /** @description `next` of the page before; the first page without */
        cursor?: string;
        /** @description how many at most */
        limit?: number;
        /** @description expected one or more of online, offline, revoked, separated by commas */
        state?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description `cursor` of the next page; null for the last one */
            next: string | null;
            sites: components['schemas']['Site'][];
          };
        };
      };
      /** @description why nothing was done, and what to do */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  admitSite: {
    parameters: {
      query?: never;
      header?: {
        /** @description the same request again within a day is done once, and answered alike */
        'idempotency-key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['SiteRequest'];
      };
    };
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SiteGrant'];
        };
      };
      /** @description why nothing was done, and what to do */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getSite: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        site: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SiteDetail'];
        };
      };
      /** @description why nothing was done, and what to do */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listContributions: {
    parameters: {
      query?: {
        /** @description `next` of the page before; the first page without */
        cursor?: string;
        /** @description how many at most */
        limit?: number;
      };
      header?: never;
      path: {
        site: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            contributions: components['schemas']['Contribution'][];
            /** @description `cursor` of the next page; null for the last one */
            next: string | null;
          };
        };
      };
      /** @description why nothing was done, and what to do */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  revokeSite: {
    parameters: {
      query?: never;
      header?: {
        /** @description the same request again within a day is done once, and answered alike */
        'idempotency-key'?: string;
      };
      path: {
        site: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['SiteRevocation'];
      };
    };
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description milliseconds since 1970 */
            atMs: number;
            /** @enum {string} */
            reason:
              | 'unspecified'
              | 'key-compromise'
              | 'affiliation-changed'
              | 'superseded'
              | 'cessation-of-operation'
              | 'privilege-withdrawn';
            site: string;
          };
        };
      };
      /** @description why nothing was done, and what to do */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getStatus: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Overview'];
        };
      };
      /** @description why nothing was done, and what to do */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getStorage: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Storage'];
        };
      };
      /** @description why nothing was done, and what to do */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
}
