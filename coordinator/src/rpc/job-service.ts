// JobService: jobs a site may take part in, their exact documents, and its consent.
import {
  consentCodec,
  encodeRoster,
  memberOf,
  openSignedMessage,
  parseJobId,
  Refusal,
  refuseUnless,
  withdrawalCodec,
  type Consent,
  type Digest,
  type SiteId,
  type Withdrawal,
} from '@blindsum/proto';
import { verifyEd25519 } from '@blindsum/proto/node';
import type { JobService } from '@blindsum/proto/rpc';
import type { JobDocument, JobReader, OpenJob } from '../job-document.ts';
import type { JobDriver } from '../job-driver.ts';
import { consentedRoster, type JobRosters } from '../job-rosters.ts';
import { currentRound } from '../job-status.ts';
import type { JobStore, RoundStore } from '../ports.ts';
import { requireMessage, verifyOwn } from './round-messages.ts';
import type { ServiceHandlers } from './service-handlers.ts';
import { JOB_STATES } from './watch-round.ts';

export interface JobShell {
  readonly reader: JobReader;
  readonly jobs: Pick<JobStore, 'list' | 'load' | 'consents'>;
  readonly driver: Pick<JobDriver, 'consent' | 'withdraw'>;
  readonly rosters: Pick<JobRosters, 'toConsent'>;
  readonly rounds: Pick<RoundStore, 'load'>;
}

export function createJobService(shell: JobShell): ServiceHandlers<typeof JobService> {
  return {
    async listJobs({ site }) {
      const stored = await shell.jobs.list();
      return { jobs: await Promise.all(stored.map(({ job }) => summarise(shell, site, job))) };
    },
    async getJob({ site }, { job }) {
      const { stored, document } = await openForMember(shell, site, job);
      const { manifest, authorSignature } = (await shell.jobs.load(stored.job))!;
      return { manifest, roster: encodeRoster(document.roster), authorSignature };
    },
    async consent({ site }, { job, consent }) {
      const signed = requireMessage(consent, 'consent');
      const said = consentCodec.read(signed.payload);
      const { stored, document } = await openForConsent(shell, site, { job, rosterHash: said.rosterHash });
      verifyConsent(openSignedMessage(consentCodec, signed, document.roster, verifyEd25519), site, document);
      await shell.driver.consent(stored.job, site, signed);
      return {};
    },
    async withdraw({ site }, { job, withdrawal }) {
      // Under the roster that it consented under, if it did: a member that has left it since may still withdraw.
      const consent = (await shell.jobs.consents(parseJobId(job))).get(site);
      const { stored, document } = consent
        ? await openForConsent(shell, site, { job, rosterHash: consentedRoster(consent) })
        : await openForMember(shell, site, job);
      const signed = requireMessage(withdrawal, 'withdrawal');
      verifyWithdrawal(openSignedMessage(withdrawalCodec, signed, document.roster, verifyEd25519), site, {
        document,
        round: currentRound(stored)?.round ?? -1,
      });
      await shell.driver.withdraw(stored.job, site, signed);
      return {};
    },
  };
}

async function summarise({ reader, jobs }: JobShell, site: SiteId, job: OpenJob['stored']['job']) {
  const { stored } = await reader.open(job);
  const consents = await jobs.consents(job);
  return { job, state: JOB_STATES[stored.status.state], consented: consents.has(site) };
}

/** A job's documents are for the members of the roster that it goes by, or will once they consent. */
async function openForMember(
  { reader, rosters, rounds }: JobShell,
  site: SiteId,
  job: string,
): Promise<OpenJob> {
  const { stored } = await reader.open(parseJobId(job));
  const id = currentRound(stored);
  const current = id && (await rounds.load(id))?.round.rules.rosterHash;
  const next = await rosters.toConsent(stored.job, current);
  const staysIn = next.document.roster.members.some((member) => member.site === site);
  // Whoever is to leave is needed until the round that goes on has ended, also after a restart.
  const document = current && !staysIn ? await reader.at(stored.job, current) : next.document;
  memberOf(document.roster, site);
  return { stored, document };
}

/**
 * Under the roster that the consent names: an adopted one that is no older than the one the job was submitted under, and no
 * other than that for a job that keeps its roster. Refuses WRONG_CONTEXT.
 */
async function openForConsent(
  { reader }: JobShell,
  site: SiteId,
  named: { readonly job: string; readonly rosterHash: Digest },
): Promise<OpenJob> {
  const { stored, document: first } = await reader.open(parseJobId(named.job));
  const document = await reader.at(stored.job, named.rosterHash).catch((error: unknown) => {
    if (error instanceof Refusal && error.code === 'NOT_FOUND') return undefined;
    throw error;
  });
  const isFirst = document?.rosterHash === first.rosterHash;
  const isLater =
    first.manifest.roster === 'follow' && (document?.roster.version ?? 0) > first.roster.version;
  if (document === undefined || !(isFirst || isLater))
    throw new Refusal('WRONG_CONTEXT', 'consent: it names another job, manifest or roster');
  memberOf(document.roster, site);
  return { stored, document };
}

function verifyConsent(consent: Consent, caller: SiteId, document: JobDocument): void {
  verifyOwn('consent', consent.site, caller);
  const { manifest, manifestHash, rosterHash } = document;
  const isForThis =
    consent.federation === manifest.federation &&
    consent.job === manifest.job &&
    consent.manifestHash === manifestHash &&
    consent.rosterHash === rosterHash;
  refuseUnless(isForThis, 'WRONG_CONTEXT', 'consent: it names another job, manifest or roster');
}

/** What the job is at when the withdrawal arrives. */
interface Place {
  readonly document: JobDocument;
  /** -1 before the first. */
  readonly round: number;
}

function verifyWithdrawal(withdrawal: Withdrawal, caller: SiteId, { document, round }: Place): void {
  const { manifest, manifestHash } = document;
  verifyOwn('withdrawal', withdrawal.site, caller);
  const isForThis =
    withdrawal.federation === manifest.federation &&
    withdrawal.job === manifest.job &&
    withdrawal.manifestHash === manifestHash;
  refuseUnless(isForThis, 'WRONG_CONTEXT', 'withdrawal: it names another job or manifest');
  // Of a later round it would say that the site still contributes to the next one.
  refuseUnless(
    withdrawal.fromRound <= round + 1,
    'WRONG_CONTEXT',
    `withdrawal: it is from round ${withdrawal.fromRound} on, the job is at round ${round}`,
  );
}
