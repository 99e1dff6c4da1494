// JobService: jobs a site may take part in, their exact documents, and its consent.
import {
  consentCodec,
  memberOf,
  openSignedMessage,
  parseJobId,
  refuseUnless,
  signingKeyOf,
  withdrawalCodec,
  type Consent,
  type SiteId,
  type Withdrawal,
} from '@blindsum/proto';
import { verifyEd25519 } from '@blindsum/proto/node';
import type { JobService } from '@blindsum/proto/rpc';
import type { JobDocument, JobReader, OpenJob } from '../job-document.ts';
import type { JobDriver } from '../job-driver.ts';
import { currentRound } from '../job-status.ts';
import type { JobStore } from '../ports.ts';
import { requireMessage, verifyOwn } from './round-messages.ts';
import type { ServiceHandlers } from './service-handlers.ts';
import { JOB_STATES } from './watch-round.ts';

export interface JobShell {
  readonly reader: JobReader;
  readonly jobs: Pick<JobStore, 'list' | 'consents'>;
  readonly driver: Pick<JobDriver, 'consent' | 'withdraw'>;
}

export function createJobService(shell: JobShell): ServiceHandlers<typeof JobService> {
  return {
    async listJobs({ site }) {
      const stored = await shell.jobs.list();
      return { jobs: await Promise.all(stored.map(({ job }) => summarise(shell, site, job))) };
    },
    async getJob({ site }, { job }) {
      const { stored } = await openForMember(shell, site, job);
      const { manifest, roster, authorSignature } = stored;
      return { manifest, roster, authorSignature };
    },
    async consent({ site }, { job, consent }) {
      const { stored, document } = await openForMember(shell, site, job);
      const signed = requireMessage(consent, 'consent');
      const key = signingKeyOf(memberOf(document.roster, site));
      verifyConsent(openSignedMessage(consentCodec, signed, key, verifyEd25519), site, document);
      await shell.driver.consent(stored.job, site, signed);
      return {};
    },
    async withdraw({ site }, { job, withdrawal }) {
      const { stored, document } = await openForMember(shell, site, job);
      const signed = requireMessage(withdrawal, 'withdrawal');
      const key = signingKeyOf(memberOf(document.roster, site));
      verifyWithdrawal(openSignedMessage(withdrawalCodec, signed, key, verifyEd25519), site, {
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

/** A job's documents are for the members of its roster. */
async function openForMember({ reader }: JobShell, site: SiteId, job: string): Promise<OpenJob> {
  const opened = await reader.open(parseJobId(job));
  memberOf(opened.document.roster, site);
  return opened;
}

function verifyConsent(consent: Consent, caller: SiteId, document: JobDocument): void {
  const { manifest, manifestHash, rosterHash } = document;
  verifyOwn('consent', consent.site, caller);
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
