// The commands by which an operator proposes a roster, and sees who has approved it.
import { z } from 'zod';
import { connect, type Output } from './operator.ts';

const memberFormat = z.looseObject({ site: z.string(), fingerprint: z.string() });

const rosterFormat = z.looseObject({
  adopted: z.looseObject({ version: z.int(), hash: z.string(), members: z.array(memberFormat) }).nullable(),
  proposed: z
    .looseObject({
      version: z.int(),
      hash: z.string(),
      joins: z.array(memberFormat),
      leaves: z.array(memberFormat),
      changes: z.array(memberFormat),
      approvedBy: z.array(z.string()),
      refusedBy: z.array(z.looseObject({ site: z.string(), reason: z.string() })),
      missing: z.looseObject({ owners: z.array(z.string()), count: z.int(), among: z.array(z.string()) }),
    })
    .nullable(),
});

type Roster = z.output<typeof rosterFormat>;
type Proposed = NonNullable<Roster['proposed']>;

/** Shows the latest roster and the proposed one. */
export async function showRoster(configPath: string, output: Output): Promise<void> {
  const client = await connect(configPath);
  print(await client.get('/roster'), output);
}

/** Proposes the sites admitted so far. */
export async function proposeRoster(
  configPath: string,
  { replace }: { readonly replace: boolean },
  output: Output,
): Promise<void> {
  const client = await connect(configPath);
  print(await client.post('/roster', JSON.stringify({ replace })), output);
}

function print(answer: unknown, output: Output): void {
  const roster = rosterFormat.parse(answer);
  if (output.json) return output.print(JSON.stringify(roster));
  for (const line of describeRoster(roster)) output.print(line);
}

/** The roster as lines for people. */
export function describeRoster({ adopted, proposed }: Roster): string[] {
  return [
    ...(adopted ? describeAdopted(adopted) : ['no roster is adopted']),
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
