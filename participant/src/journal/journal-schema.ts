// The tables of a site's journal. Digests are hexadecimal text; files are names, never contents; no column holds a secret.

const ROUNDS_AND_JOBS = `
  -- The signed consent to a job.
  CREATE TABLE consents (
    job TEXT PRIMARY KEY,
    manifest_hash TEXT NOT NULL,
    roster_hash TEXT NOT NULL,
    payload BLOB NOT NULL,
    signature BLOB NOT NULL
  ) STRICT;
  -- The one commitment of an attempt, and the uploads it names.
  CREATE TABLE commitments (
    job TEXT NOT NULL,
    round INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    payload BLOB NOT NULL,
    signature BLOB NOT NULL,
    ciphertext_file TEXT NOT NULL,
    share_file TEXT NOT NULL,
    -- 1 once the coordinator has confirmed it.
    is_accepted INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (job, round, attempt)
  ) STRICT;
  -- Sets whose shares opened.
  CREATE TABLE acknowledgements (
    job TEXT NOT NULL,
    round INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    set_attempt INTEGER NOT NULL,
    set_root TEXT NOT NULL,
    PRIMARY KEY (job, round, attempt, set_attempt)
  ) STRICT;
  -- The one set opened in a round. The key leaves out the attempt: two opened sets of one round would show one site's update.
  CREATE TABLE openings (
    job TEXT NOT NULL,
    round INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    set_root TEXT NOT NULL,
    payload BLOB NOT NULL,
    signature BLOB NOT NULL,
    file TEXT NOT NULL,
    PRIMARY KEY (job, round)
  ) STRICT;
  -- What the opened sum of a round gave; members is a JSON array of site names, metrics a JSON object of whole numbers.
  CREATE TABLE outcomes (
    job TEXT NOT NULL,
    round INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    set_root TEXT NOT NULL,
    members TEXT NOT NULL,
    model_hash TEXT NOT NULL,
    model_file TEXT NOT NULL,
    metrics TEXT NOT NULL,
    PRIMARY KEY (job, round)
  ) STRICT;
  -- The model that a job's next round starts from.
  CREATE TABLE models (
    job TEXT PRIMARY KEY,
    round INTEGER NOT NULL,
    hash TEXT NOT NULL,
    file TEXT NOT NULL
  ) STRICT;
`;

const DECISIONS = `
  -- What people or the policy decided about a job, oldest first; the last one counts, for these documents alone.
  CREATE TABLE decisions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    job TEXT NOT NULL,
    verdict TEXT NOT NULL,
    manifest_hash TEXT NOT NULL,
    roster_hash TEXT NOT NULL,
    reason TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    at_ms INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX decisions_by_job ON decisions (job, id);
  -- The signed withdrawal from a job.
  CREATE TABLE withdrawals (
    job TEXT PRIMARY KEY,
    from_round INTEGER NOT NULL,
    payload BLOB NOT NULL,
    signature BLOB NOT NULL
  ) STRICT;
`;

const ROSTERS = `
  -- Versions of the roster whose place in the chain was verified.
  CREATE TABLE rosters (
    version INTEGER PRIMARY KEY,
    hash TEXT NOT NULL,
    roster BLOB NOT NULL,
    -- 1 if this site takes part under it.
    is_accepted INTEGER NOT NULL
  ) STRICT;
  -- The latest version that a round of a job went by: none goes by an earlier one.
  CREATE TABLE job_rosters (
    job TEXT PRIMARY KEY,
    version INTEGER NOT NULL
  ) STRICT;
  -- The one roster of each version that this site has signed for.
  CREATE TABLE roster_approvals (
    version INTEGER PRIMARY KEY,
    hash TEXT NOT NULL,
    payload BLOB NOT NULL,
    signature BLOB NOT NULL
  ) STRICT;
`;

const LOG = `
  -- The transparency log: the keys that were seen first, and the last checkpoint that was verified. One row.
  CREATE TABLE followed_log (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    vkey TEXT NOT NULL,
    record_key BLOB NOT NULL,
    -- Decimal: up to 2^64-1.
    size TEXT NOT NULL,
    root BLOB NOT NULL,
    note TEXT NOT NULL
  ) STRICT;
  -- A log that shrank or forked, until a person has looked.
  CREATE TABLE log_alarms (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    code TEXT NOT NULL,
    detail TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    evidence TEXT NOT NULL,
    answered_by TEXT,
    answer TEXT,
    answered_at_ms INTEGER
  ) STRICT;
  -- What the log promised for a commitment.
  CREATE TABLE promises (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    job TEXT NOT NULL,
    round INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    payload BLOB NOT NULL,
    signature BLOB NOT NULL,
    -- 1 once the record of the attempt's end is kept, with its proof.
    is_settled INTEGER NOT NULL DEFAULT 0,
    UNIQUE (job, round, attempt)
  ) STRICT;
`;

const RELEASES = `
  -- The one vote for the model of each round that this site has signed.
  CREATE TABLE model_votes (
    job TEXT NOT NULL,
    round INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    payload BLOB NOT NULL,
    signature BLOB NOT NULL,
    -- 1 once everybody has the model.
    is_released INTEGER NOT NULL,
    PRIMARY KEY (job, round)
  ) STRICT;
  -- What people decided about making a model public, oldest first; the last one counts.
  CREATE TABLE release_decisions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    job TEXT NOT NULL,
    round INTEGER NOT NULL,
    verdict TEXT NOT NULL,
    reason TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    at_ms INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX release_decisions_by_round ON release_decisions (job, round, id);
`;

/** Each makes the next version of the journal; a step that was released is never changed. */
export const SCHEMA_STEPS: readonly string[] = [ROUNDS_AND_JOBS, DECISIONS, ROSTERS, LOG, RELEASES];
