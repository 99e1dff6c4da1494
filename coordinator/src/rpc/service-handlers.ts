// From our handlers, which take values and throw refusals, to those of grpc-js. Every call is authenticated here, and every
// error becomes a status here.
import { once, type EventEmitter } from 'node:events';
import type { DescMethod, DescService } from '@bufbuild/protobuf';
import {
  Metadata,
  type sendUnaryData,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type StatusObject,
  type UntypedHandleCall,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { Logger } from 'pino';
import { Refusal, type SiteId } from '@blindsum/proto';
import type { MethodNames, RequestOf, ResponseInit } from '@blindsum/proto/rpc';
import type { Metrics } from '../metrics.ts';
import { publicStatus } from '../refusal-status.ts';
import type { Authenticate } from './caller.ts';

/** The authenticated site, and a signal that fires when waiting is over: the site is gone, or the server stops. */
export interface Caller {
  readonly site: SiteId;
  readonly signal: AbortSignal;
}

/** One function per method of a service. */
export type ServiceHandlers<S extends DescService> = {
  readonly [M in MethodNames<S, 'unary'>]: (
    caller: Caller,
    request: RequestOf<S, M>,
  ) => Promise<ResponseInit<S, M>>;
} & {
  readonly [M in MethodNames<S, 'client_streaming'>]: (
    caller: Caller,
    requests: AsyncIterable<RequestOf<S, M>>,
  ) => Promise<ResponseInit<S, M>>;
} & {
  readonly [M in MethodNames<S, 'server_streaming'>]: (
    caller: Caller,
    request: RequestOf<S, M>,
  ) => AsyncIterable<ResponseInit<S, M>>;
};

export interface Gate {
  readonly authenticate: Authenticate;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, 'called'>;
  /** Fires when the server stops: calls that only wait answer at once. */
  readonly closing: AbortSignal;
}

/** Trailing metadata key that carries the refusal code. */
export const CODE_KEY = 'blindsum-code';

type Unary = (caller: Caller, request: unknown) => Promise<unknown>;
type ClientStreaming = (caller: Caller, requests: AsyncIterable<unknown>) => Promise<unknown>;
type ServerStreaming = (caller: Caller, request: unknown) => AsyncIterable<unknown>;

export function toImplementation<S extends DescService>(
  service: S,
  handlers: ServiceHandlers<S>,
  gate: Gate,
): UntypedServiceImplementation {
  const byName = handlers as Record<string, unknown>;
  return Object.fromEntries(
    service.methods.map((method) => {
      const place = { gate, method: `${service.name}.${method.name}` };
      return [method.localName, toHandler(place, method.methodKind, byName[method.localName])];
    }),
  );
}

function toHandler(place: Place, kind: DescMethod['methodKind'], handler: unknown): UntypedHandleCall {
  switch (kind) {
    case 'unary':
      return toUnary(place, handler as Unary);
    case 'client_streaming':
      return toClientStreaming(place, handler as ClientStreaming);
    case 'server_streaming':
      return toServerStreaming(place, handler as ServerStreaming);
    case 'bidi_streaming':
      throw new Error(`${place.method}: no method streams in both directions`);
  }
}

interface Place {
  readonly gate: Gate;
  readonly method: string;
}

function toUnary(place: Place, handler: Unary) {
  return (call: ServerUnaryCall<unknown, unknown>, reply: sendUnaryData<unknown>) =>
    void answer(place, call, (caller) => handler(caller, call.request)).then(
      (response) => reply(null, response),
      (error: CallStatus) => reply(error),
    );
}

/** The requests of a caller that goes away just end. */
function toClientStreaming(place: Place, handler: ClientStreaming) {
  return (call: ServerReadableStream<unknown, unknown>, reply: sendUnaryData<unknown>) =>
    void answer(place, call, (caller) => handler(caller, call)).then(
      (response) => reply(null, response),
      (error: CallStatus) => reply(error),
    );
}

function toServerStreaming(place: Place, handler: ServerStreaming) {
  return (call: ServerWritableStream<unknown, unknown>) =>
    void answer(place, call, (caller) => writeAll(call, handler(caller, call.request))).then(
      () => call.end(),
      (error: CallStatus) => void call.emit('error', error),
    );
}

type AnyCall = Parameters<Authenticate>[0] & EventEmitter;
type CallStatus = StatusObject & Error;

/** Authenticates, then handles. Rejects with a status only. */
async function answer<T>(place: Place, call: AnyCall, handle: (caller: Caller) => Promise<T>): Promise<T> {
  const { gate, method } = place;
  let site: SiteId | undefined;
  try {
    site = await gate.authenticate(call);
    const response = await handle({ site, signal: AbortSignal.any([goneSignal(call), gate.closing]) });
    gate.metrics.called(method, 'OK');
    return response;
  } catch (error) {
    throw toStatus(place, site, error);
  }
}

function goneSignal(call: EventEmitter): AbortSignal {
  const gone = new AbortController();
  call.once('cancelled', () => gone.abort());
  return gone.signal;
}

async function writeAll(
  call: ServerWritableStream<unknown, unknown>,
  responses: AsyncIterable<unknown>,
): Promise<void> {
  const signal = goneSignal(call);
  for await (const response of responses) {
    signal.throwIfAborted();
    if (!call.write(response)) await once(call, 'drain', { signal });
  }
}

function toStatus({ gate, method }: Place, site: SiteId | undefined, error: unknown): CallStatus {
  const { grpc, code, detail } = publicStatus(error);
  const line = { method, site, code, detail };
  if (error instanceof Refusal) {
    gate.log[code === 'UNAUTHENTICATED' ? 'warn' : 'debug']({ event: 'rpc.refused', ...line });
  } else if (isAbort(error)) gate.log.debug({ event: 'rpc.cancelled', method, site });
  else gate.log.error({ event: 'rpc.failed', method, site, err: error });
  gate.metrics.called(method, isAbort(error) ? 'CANCELLED' : code);
  const metadata = new Metadata();
  metadata.set(CODE_KEY, code);
  return Object.assign(new Error(detail), { code: grpc, details: detail, metadata });
}

/** The caller has gone: what waited for it was told to stop, or its stream broke off. */
function isAbort(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === 'AbortError' || ('code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE');
}
