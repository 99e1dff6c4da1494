// From our handlers, which take values and throw refusals, to those of grpc-js. Every call is authenticated here, as its rule
// says, before its request is parsed; and every error becomes a status here.
import { once, type EventEmitter } from 'node:events';
import { fromBinary, type DescMethod, type DescService } from '@bufbuild/protobuf';
import {
  Metadata,
  type sendUnaryData,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  type StatusObject,
  type UntypedHandleCall,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { ServerSurfaceCall } from '@grpc/grpc-js/build/src/server-call.js';
import type { Logger } from 'pino';
import { Refusal, refuseUnless, type SiteId } from '@blindsum/proto';
import {
  toServiceDefinition,
  type MethodNames,
  type RequestOf,
  type ResponseInit,
} from '@blindsum/proto/rpc';
import { tracedAnswer } from '@blindsum/proto/tracing';
import type { Metrics } from '../metrics.ts';
import { publicStatus } from '../refusal-status.ts';
import type { AccessRule } from './access-rules.ts';
import { callSubject, type CallSubject } from './call-subject.ts';
import type { Authenticate } from './caller.ts';

/** Of a method that anyone may call: the address it comes from, and when waiting is over: the peer is gone, or the server stops. */
export interface Visitor {
  /** IP address, without the port; `unknown` if the connection has gone. */
  readonly address: string;
  readonly signal: AbortSignal;
}

/** The authenticated site. */
export interface Caller {
  readonly site: SiteId;
  readonly signal: AbortSignal;
}

type CallerOf<Method, Open> = Method extends Open ? Visitor : Caller;

/** One function per method of a service; those of `Open` are called for anyone. */
export type ServiceHandlers<S extends DescService, Open = never> = {
  readonly [M in MethodNames<S, 'unary'>]: (
    caller: CallerOf<M, Open>,
    request: RequestOf<S, M>,
  ) => Promise<ResponseInit<S, M>>;
} & {
  readonly [M in MethodNames<S, 'client_streaming'>]: (
    caller: CallerOf<M, Open>,
    requests: AsyncIterable<RequestOf<S, M>>,
  ) => Promise<ResponseInit<S, M>>;
} & {
  readonly [M in MethodNames<S, 'server_streaming'>]: (
    caller: CallerOf<M, Open>,
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

type AnyCaller = Caller & Visitor;
type Unary = (caller: AnyCaller, request: unknown) => Promise<unknown>;
type ClientStreaming = (caller: AnyCaller, requests: AsyncIterable<unknown>) => Promise<unknown>;
type ServerStreaming = (caller: AnyCaller, request: unknown) => AsyncIterable<unknown>;

/** What grpc-js is told about a service: requests stay bytes, because their caller is looked at first. */
export function toRawDefinition(service: DescService): ServiceDefinition {
  const definition = toServiceDefinition(service);
  return Object.fromEntries(
    Object.entries(definition).map(([name, method]) => [
      name,
      { ...method, requestDeserialize: (bytes: Buffer) => bytes },
    ]),
  );
}

/** Goes with `toRawDefinition`. `rules` has a row for each method; handlers of methods that anyone may call take a Visitor. */
export function toImplementation<S extends DescService, Open = never>(
  service: S,
  rules: Readonly<Record<string, AccessRule>>,
  handlers: ServiceHandlers<S, Open>,
  gate: Gate,
): UntypedServiceImplementation {
  const byName = handlers as Record<string, unknown>;
  return Object.fromEntries(
    service.methods.map((method) => {
      const rule = rules[method.localName];
      if (!rule) throw new Error(`no access rule for ${service.name}.${method.name}`);
      const place = { gate, rule, input: method.input, method: `${service.name}.${method.name}` };
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
  readonly rule: AccessRule;
  readonly input: DescMethod['input'];
  readonly method: string;
}

/** A call: who makes it once that is known, and what it is about once its request, or the first of them, has been read. */
interface Read extends Place {
  site?: SiteId | undefined;
  subject?: CallSubject;
}

/** Refuses MALFORMED. What a newer version may have added is not kept. */
function parseRequest(read: Read, bytes: unknown): unknown {
  const { rule, input } = read;
  const { length } = bytes as Buffer;
  const { maxRequestBytes = Infinity } = rule;
  refuseUnless(length <= maxRequestBytes, 'MALFORMED', `${input.name}: at most ${maxRequestBytes} bytes`);
  try {
    const request = fromBinary(input, bytes as Buffer, { readUnknownFields: false });
    read.subject ??= callSubject(request);
    return request;
  } catch (cause) {
    throw new Refusal('MALFORMED', `${input.name}: not a message of this type`, { cause });
  }
}

/** A stream may last: its caller is looked at again with each message, for its certificate may have been revoked. */
async function* parseRequests(
  place: Read,
  call: ServerReadableStream<unknown, unknown>,
): AsyncGenerator<unknown> {
  for await (const bytes of call) {
    await authenticate(place, call);
    yield parseRequest(place, bytes);
  }
}

function toUnary(place: Place, handler: Unary) {
  return (call: ServerUnaryCall<unknown, unknown>, reply: sendUnaryData<unknown>) =>
    void answer(place, call, (caller, read) => handler(caller, parseRequest(read, call.request))).then(
      (response) => reply(null, response),
      (error: CallStatus) => reply(error),
    );
}

/** The requests of a caller that goes away just end. */
function toClientStreaming(place: Place, handler: ClientStreaming) {
  return (call: ServerReadableStream<unknown, unknown>, reply: sendUnaryData<unknown>) =>
    void answer(place, call, (caller, read) => handler(caller, parseRequests(read, call))).then(
      (response) => reply(null, response),
      (error: CallStatus) => reply(error),
    );
}

function toServerStreaming(place: Place, handler: ServerStreaming) {
  return (call: ServerWritableStream<unknown, unknown>) =>
    void answer(place, call, (caller, read) =>
      writeAll(place, call, handler(caller, parseRequest(read, call.request))),
    ).then(
      () => call.end(),
      (error: CallStatus) => void call.emit('error', error),
    );
}

type AnyCall = Parameters<Authenticate>[0] &
  Pick<ServerSurfaceCall, 'cancelled' | 'getPeer' | 'metadata'> &
  EventEmitter;
type CallStatus = StatusObject & Error;

/** Authenticates if the rule says so, then handles. Rejects with a status only. */
async function answer<T>(
  place: Place,
  call: AnyCall,
  handle: (caller: AnyCaller, read: Read) => Promise<T>,
): Promise<T> {
  const read: Read = { ...place };
  const { gate, method, rule } = place;
  try {
    const site = (read.site = await told(read, () => authenticate(place, call)));
    const work = () => told(read, () => handle(toCaller(read, call), read));
    const response =
      site === undefined ? await work() : await tracedAnswer({ metadata: call.metadata, method, site }, work);
    if (rule.isHeldBack) await told(read, () => authenticate(place, call));
    gate.metrics.called(method, 'OK');
    return response;
  } catch (error) {
    throw toStatus(error);
  }
}

/** Handlers of methods that anyone may call cannot see a site: their type is that of a Visitor. */
function toCaller({ site, gate }: Read, call: AnyCall): AnyCaller {
  const signal = AbortSignal.any([goneSignal(call), gate.closing]);
  return { site, address: addressOf(call.getPeer()), signal } as AnyCaller;
}

/** What fails is logged where it does: inside the span of the call. */
async function told<T>(read: Read, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    report(read, error);
    throw error;
  }
}

/** Undefined for a method that anyone may call. A caller that has gone shows no certificate any more: that is no stranger. */
async function authenticate({ gate, rule }: Place, call: AnyCall): Promise<SiteId | undefined> {
  if (call.cancelled) throw new DOMException('the caller has gone', 'AbortError');
  return rule.role === 'site' ? gate.authenticate(call) : undefined;
}

/** Without the port. */
export function addressOf(peer: string): string {
  return peer.replace(/:[0-9]{1,5}$/, '');
}

function goneSignal(call: EventEmitter): AbortSignal {
  const gone = new AbortController();
  call.once('cancelled', () => gone.abort());
  return gone.signal;
}

/** Looks at the caller again before each message. */
async function writeAll(
  place: Place,
  call: ServerWritableStream<unknown, unknown>,
  responses: AsyncIterable<unknown>,
): Promise<void> {
  const signal = goneSignal(call);
  for await (const response of responses) {
    signal.throwIfAborted();
    await authenticate(place, call);
    if (!call.write(response)) await once(call, 'drain', { signal });
  }
}

function report({ gate, method, site, subject }: Read, error: unknown): void {
  const { code, detail } = publicStatus(error);
  const about = { method, site, ...subject };
  if (error instanceof Refusal)
    gate.log[code === 'UNAUTHENTICATED' ? 'warn' : 'debug']({ event: 'rpc.refused', ...about, code, detail });
  else if (isAbort(error)) gate.log.debug({ event: 'rpc.cancelled', ...about });
  else gate.log.error({ event: 'rpc.failed', ...about, err: error });
  gate.metrics.called(method, isAbort(error) ? 'CANCELLED' : code);
}

function toStatus(error: unknown): CallStatus {
  const { grpc, code, detail } = publicStatus(error);
  const metadata = new Metadata();
  metadata.set(CODE_KEY, code);
  return Object.assign(new Error(detail), { code: grpc, details: detail, metadata });
}

/** The caller has gone: what waited for it was told to stop, or its stream broke off. */
function isAbort(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === 'AbortError' || ('code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE');
}
