// Why the coordinator did not do what it was asked (RFC 9457).
import type { components } from './schema.ts';

export type ProblemDocument = components['schemas']['Problem'];

/** A refusal, or `UNAVAILABLE` with the status 0 if nobody answers. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemDocument['code'];
  /** Of the answer; 0 if there was none. */
  readonly status: number;
  /** What happened, and where. */
  readonly detail: string;
  /** What to do. */
  readonly hint: string;

  constructor(
    { code, status, detail, hint }: Omit<ProblemDocument, 'type' | 'title'>,
    options?: ErrorOptions,
  ) {
    super(`${code}: ${detail}`, options);
    this.code = code;
    this.status = status;
    this.detail = detail;
    this.hint = hint;
  }
}

/** What an answer says that is no success. Of one that is no problem document, the status is told. */
export async function toProblem(response: Response): Promise<Problem> {
  const { status } = response;
  const document = await readDocument(response);
  if (document) return new Problem({ ...document, status });
  return new Problem({
    ...{ code: 'UNAVAILABLE', status },
    detail: `the answer has the status ${status}, and is not the coordinator’s`,
    hint: 'Check the address, and what stands between here and the coordinator.',
  });
}

async function readDocument(response: Response): Promise<ProblemDocument | undefined> {
  if (!(response.headers.get('content-type') ?? '').startsWith('application/problem+json')) return undefined;
  try {
    return (await response.json()) as ProblemDocument;
  } catch {
    return undefined;
  }
}

export type Unanswered = Pick<ProblemDocument, 'detail' | 'hint'>;

/** Of a request that got no answer. */
export function toUnanswered(
  baseUrl: string,
  cause: unknown,
  describe: (cause: unknown) => Unanswered = () => ({
    detail: `no coordinator answers at ${baseUrl}`,
    hint: 'Check that it runs, its address, and the network between.',
  }),
): Problem {
  return new Problem({ code: 'UNAVAILABLE', status: 0, ...describe(cause) }, { cause });
}
