// One question, one answer, within a deadline.
import { Metadata, type Client } from '@grpc/grpc-js';
import {
  toServiceDefinition,
  type MethodNames,
  type RequestInit,
  type ResponseOf,
} from '@blindsum/proto/rpc';
import { toRefusal } from './rpc-error.ts';

type DescService = Parameters<typeof toServiceDefinition>[0];

const DEADLINE_MS = 20_000;

/** Calls the unary methods of one service; `extraMs` is how long the answer may be held back on purpose. */
export type UnaryCaller<S extends DescService> = <M extends MethodNames<S, 'unary'>>(
  method: M,
  request: RequestInit<S, M>,
  extraMs?: number,
) => Promise<ResponseOf<S, M>>;

/** Rejects with a Refusal when the call fails, is not answered in time, or the signal aborts. */
export function createUnaryCaller<S extends DescService>(
  client: Client,
  service: S,
  signal?: AbortSignal,
): UnaryCaller<S> {
  const definition = toServiceDefinition(service);
  return <M extends MethodNames<S, 'unary'>>(method: M, request: RequestInit<S, M>, extraMs = 0) => {
    const { path, requestSerialize, responseDeserialize } = definition[method]!;
    const { promise, resolve, reject } = Promise.withResolvers<ResponseOf<S, M>>();
    const call = client.makeUnaryRequest<unknown, ResponseOf<S, M>>(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      new Metadata(),
      { deadline: Date.now() + DEADLINE_MS + extraMs },
      (error, response) => (error ? reject(toRefusal(error, method)) : resolve(response!)),
    );
    const cancel = () => call.cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    return promise.finally(() => signal?.removeEventListener('abort', cancel));
  };
}
