// One question, one answer, within a deadline.
import {
  toServiceDefinition,
  type MethodNames,
  type RequestInit,
  type ResponseOf,
} from '@blindsum/proto/rpc';
import { tracedCall, traceMetadata } from '@blindsum/proto/tracing';
import type { ControlChannel } from './channels.ts';
import { toRefusal } from './rpc-error.ts';

type DescService = Parameters<typeof toServiceDefinition>[0];

const DEADLINE_MS = 20_000;

export interface CallOptions {
  /** How long the answer may be held back on purpose. */
  readonly extraMs?: number;
  /** Ends this call. */
  readonly signal?: AbortSignal | undefined;
}

/** Calls the unary methods of one service. */
export type UnaryCaller<S extends DescService> = <M extends MethodNames<S, 'unary'>>(
  method: M,
  request: RequestInit<S, M>,
  options?: CallOptions,
) => Promise<ResponseOf<S, M>>;

/** Rejects with a Refusal when the call fails, is not answered in time, or a signal aborts. */
export function createUnaryCaller<S extends DescService>(
  client: ControlChannel,
  service: S,
  programSignal?: AbortSignal,
): UnaryCaller<S> {
  const definition = toServiceDefinition(service);
  const call = <M extends MethodNames<S, 'unary'>>(
    method: M,
    request: RequestInit<S, M>,
    options: CallOptions,
  ) => {
    const { path, requestSerialize, responseDeserialize } = definition[method]!;
    const { promise, resolve, reject } = Promise.withResolvers<ResponseOf<S, M>>();
    const started = client.makeUnaryRequest<unknown, ResponseOf<S, M>>(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      traceMetadata(),
      { deadline: Date.now() + DEADLINE_MS + (options.extraMs ?? 0) },
      (error, response) => (error ? reject(toRefusal(error, method)) : resolve(response!)),
    );
    const cancel = () => started.cancel();
    const signals = [programSignal, options.signal].filter((signal) => signal !== undefined);
    if (signals.some(({ aborted }) => aborted)) cancel();
    for (const signal of signals) signal.addEventListener('abort', cancel, { once: true });
    return promise.finally(() => {
      for (const signal of signals) signal.removeEventListener('abort', cancel);
    });
  };
  return (method, request, options = {}) =>
    tracedCall(`${service.name}.${service.method[method]!.name}`, () => call(method, request, options));
}
