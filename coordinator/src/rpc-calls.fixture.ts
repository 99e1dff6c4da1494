// Servers and calls of gRPC as tests make them.
import assert from 'node:assert/strict';
import {
  Client,
  credentials,
  Metadata,
  ServerCredentials,
  type Server,
  type ServiceError,
  type status,
} from '@grpc/grpc-js';
import type { DescService } from '@bufbuild/protobuf';
import {
  toServiceDefinition,
  type MethodNames,
  type RequestInit,
  type ResponseOf,
} from '@blindsum/proto/rpc';

/** An error status with its refusal code. */
export interface CallError {
  readonly grpc: status;
  readonly code: string | undefined;
  readonly details: string;
}

/** Has the server listen on loopback, without TLS; a client of it. */
export async function connectTo(server: Server): Promise<Client> {
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  return new Client(`127.0.0.1:${port}`, credentials.createInsecure());
}

/** One call of a client; rejects with a CallError. */
export function callUnary<S extends DescService, M extends MethodNames<S, 'unary'>>(
  ...[client, service, method, request]: [Client, S, M, RequestInit<S, M>]
): Promise<ResponseOf<S, M>> {
  const { path, requestSerialize, responseDeserialize } = toServiceDefinition(service)[method]!;
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest<object, ResponseOf<S, M>>(
      ...[path, requestSerialize, responseDeserialize, request, new Metadata()],
      { deadline: Date.now() + 5000 },
      (error, response) => (error ? reject(toCallError(error)) : resolve(response!)),
    );
  });
}

/** Accepts exactly a call that was refused with this code; undefined for one that failed without a refusal. */
export const refusedAs = (code: string | undefined, grpc?: status) => (error: unknown) => {
  const refused = error as CallError;
  assert.equal(refused.code, code, refused.details);
  if (grpc !== undefined) assert.equal(refused.grpc, grpc);
  return true;
};

export function toCallError(error: ServiceError): Error & CallError {
  const [code] = error.metadata.get('blindsum-code');
  return Object.assign(new Error(error.message), {
    grpc: error.code,
    code: code?.toString(),
    details: error.details,
  });
}
