// From a failed call to a Refusal: the coordinator's own code where it gave one.
import { status, type ServiceError } from '@grpc/grpc-js';
import { REFUSAL_CODES, Refusal } from '@blindsum/proto';
import { toPrintable } from './printable.ts';

const CODE_KEY = 'blindsum-code';

/** A Refusal for an error of grpc-js: a known code is taken over, everything else means that the coordinator is not available. */
export function toRefusal(error: unknown, method: string): unknown {
  if (!isServiceError(error)) return error;
  const [sent] = error.metadata.get(CODE_KEY);
  const code = REFUSAL_CODES.find((known) => known === sent);
  // grpc-js ends a failed connection with the heading of a note that is empty.
  const detail = toPrintable(error.details.replace(/Resolution note:\s*$/, ''));
  if (code !== undefined)
    return new Refusal(code, `the coordinator refuses ${method}: ${detail}`, { cause: error });
  // What grpc-js names as we do is not named twice.
  const name = error.code === status.UNAVAILABLE ? '' : `${status[error.code] ?? error.code}: `;
  return new Refusal('UNAVAILABLE', `${method}: ${name}${detail}`, { cause: error });
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'metadata' in error && 'details' in error && 'code' in error;
}
