// Progress on the standard output: for programs one JSON object a line, for people one sentence a line.
import type { SiteId } from '@blindsum/proto';
import type { ProgressEvent, Report } from './session-progress.ts';

export type ProgressFormat = 'text' | 'json' | 'none';

export interface ProgressOutput {
  readonly site: SiteId;
  readonly nowMs: () => number;
  readonly write: (line: string) => void;
}

export function createReport(format: ProgressFormat, output: ProgressOutput): Report {
  switch (format) {
    case 'json':
      return (event) =>
        output.write(`${JSON.stringify({ atMs: output.nowMs(), site: output.site, ...event })}\n`);
    case 'text':
      return (event) => {
        const text = toText(event);
        if (text !== undefined) output.write(`${output.site}: ${text}\n`);
      };
    case 'none':
      return () => undefined;
  }
}

/** What people want to read; undefined for what they would scroll past. */
function toText(event: ProgressEvent): string | undefined {
  switch (event.event) {
    case 'consented':
      return `takes part in ${event.job} with ${event.examples} training rows and ${event.holdout} held out`;
    case 'trained':
      return `round ${event.round}: trained in ${seconds(event.ms)}, loss ${event.loss.toFixed(4)} (${event.backend})`;
    case 'uploaded':
      return `round ${event.round}: sent ${event.bytesSent} encrypted bytes in ${seconds(event.ms)}`;
    case 'applied':
      return `round ${event.round} (${event.kind}): opened the sum of ${event.contributors} sites${scores(event.metrics)}, model ${event.modelHash.slice(0, 16)}`;
    case 'wrong-openings':
      return `round ${event.round}: opened the sum without ${event.sites.join(', ')}, whose opening was wrong`;
    case 'complained':
      return `round ${event.round}: complained about a share that does not open`;
    case 'checkpoint-sealed':
      return `round ${event.round}: sealed its model for sites that were away, in ${seconds(event.ms)}`;
    case 'caught-up':
      return `round ${event.round}: missed it, has its model ${event.modelHash.slice(0, 16)} from ${event.sealer}`;
    case 'refused':
      return `round ${event.round}: refuses what the coordinator shows: ${event.code}: ${event.detail}`;
    case 'waiting':
      return `${event.code}: ${event.detail}; again in ${seconds(event.retryMs)}`;
    case 'roster-accepted':
      return `takes part under roster version ${event.version}: ${event.sites.join(', ')}`;
    case 'roster-approved':
      return `has approved roster version ${event.version}`;
    case 'roster-waits':
      return `roster version ${event.version} waits for this site (roster show): ${event.objection}`;
    case 'roster-refused':
      return `refuses the roster that the coordinator shows: ${event.code}: ${event.detail}`;
    case 'log-refused':
      return `refuses what the log shows: ${event.code}: ${event.detail}`;
    case 'receipt':
      return event.fate === 'broken'
        ? `round ${event.round}: THE LOG BROKE ITS PROMISE (receipts verify): ${event.why}`
        : undefined;
    case 'released':
      return `the model of round ${event.round} of ${event.job} is public: ${event.modelHash}`;
    case 'finished':
      return `${event.job} is finished${event.modelHash ? `, model ${event.modelHash}` : ''}`;
    case 'held-back':
      return `contributes nothing to ${event.job} for now: ${event.why}`;
    case 'not-permitted':
      return `takes no part in ${event.job}: ${event.code}: ${event.detail}`;
    case 'withdrawn':
      return `has withdrawn from ${event.job} from round ${event.fromRound} on: ${event.reason}`;
    case 'stopped':
      return `${event.job} stopped: ${event.reason}`;
    case 'phase':
    case 'train':
    case 'encrypted':
    case 'uploading':
    case 'committed':
    case 'acknowledged':
    case 'checksum-signed':
    case 'opened':
    case 'attested':
      return undefined;
  }
}

function scores({ accuracyMillionths, aucMillionths }: Readonly<Record<string, number>>): string {
  const accuracy =
    accuracyMillionths === undefined ? '' : `, accuracy ${(accuracyMillionths / 1e6).toFixed(4)}`;
  return aucMillionths === undefined ? accuracy : `${accuracy}, AUC ${(aucMillionths / 1e6).toFixed(4)}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
