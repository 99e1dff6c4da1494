// Turns strangers away before a byte of their request is read: from every method that is for sites, and, when they call too
// often, from those that are for anyone.
import { Metadata, ServerInterceptingCall, type ServerInterceptor, type StatusObject } from '@grpc/grpc-js';
import { Refusal } from '@blindsum/proto';
import type { Metrics } from '../metrics.ts';
import type { Clock } from '../ports.ts';
import { publicStatus } from '../refusal-status.ts';
import { ruleOfPath, type AccessRule } from './access-rules.ts';
import type { CallRate } from './call-rate.ts';
import { addressOf, CODE_KEY } from './service-handlers.ts';

export interface StrangerGate {
  readonly rate: CallRate;
  readonly clock: Clock;
  readonly metrics: Pick<Metrics, 'called'>;
}

/** An interceptor of grpc-js. Those who are no strangers are authenticated later, once, by the handler. */
export function createStrangerGate(gate: StrangerGate, ruleOf = ruleOfPath): ServerInterceptor {
  return ({ path }, call) => {
    if (call.getAuthContext().sslPeerCertificate) return new ServerInterceptingCall(call);
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata(metadata, admit) {
            const refusal = refusalOf(gate, ruleOf(path), addressOf(call.getPeer()));
            if (!refusal) return admit(metadata);
            gate.metrics.called(toMethodName(path), refusal.code);
            call.sendStatus(toStatus(refusal));
          },
        }),
    });
  };
}

function refusalOf(
  { rate, clock }: StrangerGate,
  { role }: AccessRule,
  address: string,
): Refusal | undefined {
  if (role === 'anyone') {
    const isAdmitted = rate.admit(address, clock.nowMs());
    return isAdmitted ? undefined : new Refusal('BUSY', 'too many calls without a certificate');
  }
  return new Refusal(
    'UNAUTHENTICATED',
    'no client certificate of this federation’s authority, or one that is not valid at this time',
  );
}

/** `Service.Method`, as calls are counted. */
function toMethodName(path: string): string {
  return path.slice(path.lastIndexOf('.', path.lastIndexOf('/')) + 1).replace('/', '.');
}

function toStatus(refusal: Refusal): StatusObject {
  const { grpc, code, detail } = publicStatus(refusal);
  const metadata = new Metadata();
  metadata.set(CODE_KEY, code);
  return { code: grpc, details: detail, metadata };
}
