// A site that talks to a coordinator as its agent does, and signs whatever a test wants.
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import type { DescService } from '@bufbuild/protobuf';
import {
  signingBytes,
  signMessage,
  type Bytes,
  type Member,
  type MessageCodec,
  type Sign,
  type SignedMessage,
  type SiteGrant,
  type SiteId,
} from '@blindsum/proto';
import {
  toServiceDefinition,
  UploadService,
  type MethodNames,
  type RequestInit,
  type ResponseOf,
  type RoundRef,
} from '@blindsum/proto/rpc';
import { callUnary, toCallError } from './rpc-calls.fixture.ts';

/** A call as it is sent: one request, or all of an upload. */
export interface SentCall {
  readonly service: DescService;
  /** Lower camel case. */
  readonly method: string;
  readonly requests: readonly object[];
}

/** What `createSiteRequest` makes. */
export interface SiteKeys {
  readonly request: Member;
  readonly sign: Sign;
  /** PEM. */
  readonly tlsKey: string;
}

export class TestSite {
  readonly site: SiteId;
  /** Awaited with each call before it is sent. */
  beforeSending: ((sent: SentCall) => Promise<void>) | undefined;
  readonly grant: SiteGrant;
  readonly #keys: SiteKeys;
  readonly client: Client;

  constructor(grant: SiteGrant, keys: SiteKeys) {
    this.site = grant.site;
    this.grant = grant;
    this.#keys = keys;
    const { tlsKey } = keys;
    const [authority, key, certificate] = [grant.caCertificate, tlsKey, grant.certificate].map((text) =>
      Buffer.from(text),
    );
    // RFC 6066 allows no address as a server name.
    const options = { 'grpc.ssl_target_name_override': 'localhost' };
    this.client = new Client(grant.coordinator, credentials.createSsl(authority, key, certificate), options);
  }

  close(): void {
    this.client.close();
  }

  /** The same site, dialling another address. */
  at(coordinator: string): TestSite {
    return new TestSite({ ...this.grant, coordinator }, this.#keys);
  }

  /** The same site, which takes another authority for that of the coordinator. */
  trusting(caCertificate: string): TestSite {
    return new TestSite({ ...this.grant, caCertificate }, this.#keys);
  }

  get tlsKey(): string {
    return this.#keys.tlsKey;
  }

  /** With the signing key of the roster. */
  get signBytes(): Sign {
    return this.#keys.sign;
  }

  get member(): Member {
    const { site, signingKey, sharingKey } = this.#keys.request;
    return { site, signingKey, sharingKey };
  }

  /** A message that names this site, and `others`. */
  sign<T>(codec: MessageCodec<T>, value: T, others: readonly TestSite[] = []): SignedMessage {
    const members = [this, ...others].map(({ member }) => member);
    return signMessage(codec, value, this.#keys.sign, { members });
  }

  /** Signs what another site says. */
  signAgain({ type }: Pick<MessageCodec<unknown>, 'type'>, payload: Bytes): SignedMessage {
    return { payload, signature: this.#keys.sign(signingBytes(type, payload)) };
  }

  async call<S extends DescService, M extends MethodNames<S, 'unary'>>(
    service: S,
    method: M,
    request: RequestInit<S, M>,
  ): Promise<ResponseOf<S, M>> {
    await this.beforeSending?.({ service, method, requests: [request] });
    return callUnary(this.client, service, method, request);
  }

  /** Sends the messages of an upload and returns the committed offset. */
  async upload(
    header: { ref: RoundInit; kind: number; size: number; offset?: number },
    parts: readonly Bytes[],
  ): Promise<number> {
    const { path, requestSerialize, responseDeserialize } = toServiceDefinition(UploadService)['upload']!;
    const { ref, kind, size, offset = 0 } = header;
    const requests = [
      { message: { case: 'header', value: { ref, kind, size: BigInt(size), offset: BigInt(offset) } } },
      ...parts.map((value) => ({ message: { case: 'part', value } })),
    ];
    await this.beforeSending?.({ service: UploadService, method: 'upload', requests });
    return new Promise((resolve, reject) => {
      const call = this.client.makeClientStreamRequest<object, { committedOffset: bigint }>(
        path,
        requestSerialize,
        responseDeserialize,
        new Metadata(),
        { deadline: Date.now() + 5000 },
        (error, response) =>
          error ? reject(toCallError(error)) : resolve(Number(response!.committedOffset)),
      );
      for (const request of requests) call.write(request);
      call.end();
    });
  }

  async download<S extends DescService, M extends MethodNames<S, 'server_streaming'>>(
    service: S,
    method: M,
    request: RequestInit<S, M>,
  ): Promise<ResponseOf<S, M>[]> {
    await this.beforeSending?.({ service, method, requests: [request] });
    const { path, requestSerialize, responseDeserialize } = toServiceDefinition(service)[method]!;
    const received: ResponseOf<S, M>[] = [];
    return new Promise((resolve, reject) => {
      this.client
        .makeServerStreamRequest<object, ResponseOf<S, M>>(
          path,
          requestSerialize,
          responseDeserialize,
          request,
          {
            deadline: Date.now() + 5000,
          },
        )
        .on('data', (message: ResponseOf<S, M>) => received.push(message))
        .on('error', (error: ServiceError) => reject(toCallError(error)))
        .on('end', () => resolve(received));
    });
  }
}

export type RoundInit = Omit<RoundRef, '$typeName'>;
