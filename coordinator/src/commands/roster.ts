// The commands by which an operator proposes a roster, and sees who has approved it.
import { setTimeout as sleep } from 'node:timers/promises';
import { Refusal } from '@blindsum/proto';
import type { components } from '@blindsum/admin-client';
import type { Output } from './operator.ts';
import { answered, connect, type Target } from './target.ts';

const LOOK_MS = 200;

type Roster = components['schemas']['Roster'];
type Proposed = NonNullable<Roster['proposed']>;

/** Shows the latest roster and the proposed one. */
export async function showRoster(target: Target, output: Output): Promise<void> {
  const client = await connect(target);
  print(await answered(client.GET('/v1/roster')), output);
}

/** Proposes the sites admitted so far. Refuses TOO_FEW_APPROVALS if they are waited for and have not all come in time. */
export async function proposeRoster(
  target: Target,
  { replace, waitSeconds = 0 }: { readonly replace: boolean; readonly waitSeconds?: number },
  output: Output,
): Promise<void> {
  const client = await connect(target);
  let answer = await answered(client.POST('/v1/roster', { body: { replace } }));
  const endMs = Date.now() + waitSeconds * 1000;
  while (answer.proposed !== null && Date.now() < endMs) {
    await sleep(LOOK_MS);
    answer = await answered(client.GET('/v1/roster'));
  }
  print(answer, output);
  if (answer.proposed !== null && waitSeconds > 0)
    throw new Refusal('TOO_FEW_APPROVALS', `version ${answer.proposed.version} is not adopted yet`);
}

function print(roster: Roster, output: Output): void {
  if (output.json) return output.print(JSON.stringify(roster));
  for (const line of describeRoster(roster)) output.print(line);
}

/** The roster as lines for people. */
export function describeRoster({ adopted, proposed }: Roster): string[] {
  return [
    ...(adopted ? describeAdopted(adopted) : ['no roster is adopted']),
    ...(adopted || proposed
      ? []
      : ['once its first sites have enrolled: blindsum-coordinator roster propose']),
    ...(proposed ? describeProposed(proposed) : []),
  ];
}

function describeAdopted({ version, hash, members }: NonNullable<Roster['adopted']>): string[] {
  return [
    `roster version ${version} (${hash}) with ${members.length} members:`,
    ...members.map(({ site, fingerprint }) => `  ${site}  ${fingerprint}`),
  ];
}

function describeProposed({ version, hash, ...proposed }: Proposed): string[] {
  const { joins, leaves, changes, approvedBy, refusedBy, missing } = proposed;
  return [
    `proposed as version ${version} (${hash}):`,
    ...joins.map(({ site, fingerprint }) => `  joins: ${site}  ${fingerprint}`),
    ...leaves.map(({ site }) => `  leaves: ${site}`),
    ...changes.map(({ site, fingerprint }) => `  new keys: ${site}  ${fingerprint}`),
    `  approved by: ${approvedBy.join(', ') || 'nobody'}`,
    ...refusedBy.map(({ site, reason }) => `  refused by ${site}: ${reason}`),
    ...(missing.owners.length > 0 ? [`  waits for ${missing.owners.join(', ')}`] : []),
    ...(missing.count > 0 ? [`  waits for ${missing.count} of ${missing.among.join(', ')}`] : []),
  ];
}
