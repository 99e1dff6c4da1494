// The job and the round that a call is about, for log lines: what a site says it is, if it has the form of one.
import { jobIdSchema } from '@blindsum/proto';

export interface CallSubject {
  readonly job?: string;
  readonly round?: number;
  readonly attempt?: number;
}

/** Empty for a request that names none. */
export function callSubject(request: unknown): CallSubject {
  const { ref, job } = namesIn(request);
  if (ref) return { ...jobOf(ref.job), round: Number(ref.round), attempt: Number(ref.attempt) };
  return jobOf(job);
}

interface Names {
  readonly ref?: { readonly job: unknown; readonly round: unknown; readonly attempt: unknown };
  readonly job?: unknown;
}

/** The first message of an upload has them in its header. */
function namesIn(request: unknown): Names {
  const { message } = request as { readonly message?: { readonly value?: unknown } };
  const inner = message?.value;
  return (typeof inner === 'object' && inner !== null ? inner : request) as Names;
}

function jobOf(job: unknown): CallSubject {
  const parsed = jobIdSchema.safeParse(job);
  return parsed.success ? { job: parsed.data } : {};
}
