// Enrolment, put together from its parts.
import type { Logger } from 'pino';
import type { EnrolmentShell } from '../api/site-routes.ts';
import type { ServerIdentity } from '../identity/server-identity.ts';
import type { Clock } from '../ports.ts';
import type { State } from '../state.ts';
import { CertificateWatch } from './certificate-watch.ts';
import type { GrantTerms } from './grant.ts';
import { Invitations } from './invitations.ts';
import { SiteCertificates } from './site-certificates.ts';

export interface Enrolment {
  readonly certificates: SiteCertificates;
  readonly invitations: Invitations;
  readonly grant: GrantTerms;
  readonly watch: CertificateWatch;
  /** For the operator's commands. */
  readonly shell: EnrolmentShell;
}

export interface EnrolmentSetup {
  readonly state: State;
  readonly identity: ServerIdentity;
  readonly clock: Clock;
  readonly log: Logger;
  /** host:port that sites dial, once the server listens. */
  readonly advertise: () => string;
}

export function createEnrolment({ state, identity, clock, log, advertise }: EnrolmentSetup): Enrolment {
  const { authority, members, invitations: invitationStore } = state;
  const recordLog = state.log;
  const records = state.certificateRecords;
  const certificates = new SiteCertificates({ authority, members, records, recordLog, clock, log });
  const grant = { authority, advertise, logVerifierKey: recordLog.vkey };
  const invitations = new Invitations({
    ...{ invitations: invitationStore, members, certificates, grant, clock, log },
  });
  return {
    certificates,
    invitations,
    grant,
    watch: new CertificateWatch({ certificates, identity, members, clock, log }),
    shell: { certificates, invitations, invitationStore, grant, clock },
  };
}
