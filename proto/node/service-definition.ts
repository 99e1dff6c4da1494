// protobuf-es service descriptors as grpc-js service definitions: the only place where the two meet.
import {
  create,
  fromBinary,
  toBinary,
  type DescMessage,
  type DescMethod,
  type DescService,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf';
import type { ServiceDefinition } from '@grpc/grpc-js';

type MethodKind = DescMethod['methodKind'];
type MethodsOf<S extends DescService> = S['method'];

/** Names of the methods of `S` with the given kind. */
export type MethodNames<S extends DescService, K extends MethodKind> = {
  [M in keyof MethodsOf<S>]: MethodsOf<S>[M]['methodKind'] extends K ? M : never;
}[keyof MethodsOf<S>] &
  string;

export type RequestInit<S extends DescService, M extends keyof MethodsOf<S>> = MessageInitShape<
  MethodsOf<S>[M]['input']
>;
export type RequestOf<S extends DescService, M extends keyof MethodsOf<S>> = MessageShape<
  MethodsOf<S>[M]['input']
>;
export type ResponseInit<S extends DescService, M extends keyof MethodsOf<S>> = MessageInitShape<
  MethodsOf<S>[M]['output']
>;
export type ResponseOf<S extends DescService, M extends keyof MethodsOf<S>> = MessageShape<
  MethodsOf<S>[M]['output']
>;

/**
 * The grpc-js definition of a service, keyed by method name in lower camel case. Requests and responses are protobuf-es
 * messages or their initialisers.
 */
export function toServiceDefinition(service: DescService): ServiceDefinition {
  return Object.fromEntries(
    service.methods.map((method) => [method.localName, toMethodDefinition(service, method)]),
  );
}

function toMethodDefinition(service: DescService, method: DescMethod): ServiceDefinition[string] {
  return {
    path: `/${service.typeName}/${method.name}`,
    requestStream: method.methodKind === 'client_streaming' || method.methodKind === 'bidi_streaming',
    responseStream: method.methodKind === 'server_streaming' || method.methodKind === 'bidi_streaming',
    requestSerialize: (value: MessageInitShape<DescMessage>) => encodeMessage(method.input, value),
    requestDeserialize: (bytes: Buffer) => fromBinary(method.input, bytes),
    responseSerialize: (value: MessageInitShape<DescMessage>) => encodeMessage(method.output, value),
    responseDeserialize: (bytes: Buffer) => fromBinary(method.output, bytes),
  };
}

function encodeMessage(schema: DescMessage, value: MessageInitShape<DescMessage>): Buffer {
  const bytes = toBinary(schema, create(schema, value));
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
