// Everything that leaves this site goes through here and is recorded first: the calls and uploads of every command and of the
// agent, whoever makes them. Enrolment's look at the coordinator's certificate is the one thing before it, and sends nothing.
import { status, type requestCallback, type ServiceError } from '@grpc/grpc-js';
import { Refusal } from '@blindsum/proto';
import type { BlobKind } from '@blindsum/proto/rpc';
import type { BulkClient, Channels, ControlChannel } from '../rpc/channels.ts';
import { toPrintable } from '../rpc/printable.ts';
import { toRefusal } from '../rpc/rpc-error.ts';
import { toSentAbout, toUploadAbout, type SentRequest } from './sent-about.ts';
import type { ContactLog, SentAbout, SentLedger } from './sent-ledger.ts';

export interface Meter {
  readonly sent: SentLedger & ContactLog;
  readonly nowMs: () => number;
}

/** The channels, with a record of what they send. */
export function meterChannels(channels: Channels, meter: Meter): Channels {
  let isOpen = true;
  const contact = (error: ServiceError | null) => {
    // Calls that the end of the program cuts short say nothing, and nobody keeps it.
    if (isOpen) recordContact(meter, error);
  };
  return {
    control: { makeUnaryRequest: meterUnary(channels.control, { ...meter, contact }) },
    bulk: { use: (call) => channels.bulk.use((client) => call(meterBulk(client, { ...meter, contact }))) },
    renew: (identity) => channels.renew(identity),
    close: () => {
      isOpen = false;
      channels.close();
    },
  };
}

interface CallMeter extends Meter {
  readonly contact: (error: ServiceError | null) => void;
}

type Rest = readonly unknown[];
type Serialize = (value: unknown) => Buffer;
type Deserialize = (bytes: Buffer) => unknown;
type Call = readonly [string, Serialize, Deserialize, SentRequest, ...Rest];

function meterUnary(client: ControlChannel, meter: CallMeter): ControlChannel['makeUnaryRequest'] {
  const make = (...call: Call): unknown => {
    const callback = call.at(-1) as requestCallback<unknown>;
    const answered: requestCallback<unknown> = (error, response) => {
      meter.contact(error);
      callback(error, response);
    };
    const makeUnaryRequest = client.makeUnaryRequest as (...values: Rest) => unknown;
    return makeUnaryRequest.call(client, ...counted(call, meter).slice(0, -1), answered);
  };
  return make as ControlChannel['makeUnaryRequest'];
}

/** The call with its request recorded; the bytes that were counted are the ones that leave. */
function counted([path, serialize, deserialize, request, ...rest]: Call, meter: Meter): Call {
  const bytes = serialize(request);
  recordSent(meter, toSentAbout(path, request), bytes.length);
  return [path, () => bytes, deserialize, request, ...rest];
}

function meterBulk(client: BulkClient, meter: CallMeter): BulkClient {
  return {
    makeUnaryRequest: meterUnary(client, meter),
    makeServerStreamRequest: meterServerStream(client, meter),
    makeClientStreamRequest: meterUpload(client, meter),
  };
}

function meterServerStream(client: BulkClient, meter: Meter): BulkClient['makeServerStreamRequest'] {
  const makeServerStreamRequest = client.makeServerStreamRequest as (...values: Rest) => unknown;
  const make = (...call: Call): unknown => makeServerStreamRequest.call(client, ...counted(call, meter));
  return make as BulkClient['makeServerStreamRequest'];
}

interface UploadMessage {
  readonly message:
    | {
        readonly case: 'header';
        readonly value: { readonly kind: BlobKind; readonly ref: NonNullable<SentRequest['ref']> };
      }
    | { readonly case: 'part' };
}

/** A part is recorded as it is handed to the connection. */
function meterUpload(client: BulkClient, meter: Meter): BulkClient['makeClientStreamRequest'] {
  const makeClientStreamRequest = client.makeClientStreamRequest as (...values: Rest) => unknown;
  const make = (path: string, serialize: Serialize, ...rest: Rest): unknown => {
    let about: SentAbout | undefined;
    const recording = (value: UploadMessage): Buffer => {
      const bytes = serialize(value);
      const { message } = value;
      if (message.case === 'header') about = toUploadAbout(message.value.kind, message.value.ref);
      if (about === undefined) throw new Error(`${path}: a part before its header`);
      recordSent(meter, about, bytes.length, message.case === 'header' ? 1 : 0);
      return bytes;
    };
    return makeClientStreamRequest.call(client, path, recording, ...rest);
  };
  return make as BulkClient['makeClientStreamRequest'];
}

function recordSent({ sent, nowMs }: Meter, about: SentAbout, bytes: number, times = 1): void {
  sent.record({ ...about, bytes, times, atMs: nowMs() });
}

/** What the coordinator refuses, it answers. */
function recordContact({ sent, nowMs }: Meter, error: ServiceError | null): void {
  // Whoever ended the call learnt nothing by it.
  if (error?.code === status.CANCELLED) return;
  const refusal = error === null ? undefined : toRefusal(error, 'the last call');
  if (refusal instanceof Refusal && refusal.code === 'UNAVAILABLE')
    sent.recordFailure(nowMs(), toPrintable(refusal.detail));
  else sent.recordAnswer(nowMs());
}
