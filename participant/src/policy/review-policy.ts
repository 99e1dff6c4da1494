// What each rule of a site's policy says of a job. Pure: the same policy, job and history give the same verdicts, and every rule
// gives one, so that people see all that stops a job and not only the first.
import { authorFingerprint, Refusal, toNumber, type Manifest, type Roster } from '@blindsum/proto';
import { isLike } from './name-pattern.ts';
import type { Policy } from './policy.ts';

/** What is asked of the site. */
export interface Asked {
  readonly manifest: Manifest;
  readonly roster: Pick<Roster, 'members'>;
  readonly history: SiteHistory;
}

/** What the site has done for other jobs. */
export interface SiteHistory {
  /** Rounds of other jobs that it has contributed to. */
  readonly roundsOfOthers: number;
}

export interface Verdict {
  /** The setting, as it is written in the policy. */
  readonly rule: RuleName;
  readonly isAllowed: boolean;
  /** What the job asks for, and what the policy says of it, in one sentence. */
  readonly says: string;
}

type Judged = Omit<Verdict, 'rule'>;

const RULES = {
  authors: ({ authors }, { manifest: { author } }) =>
    oneOf(authors, {
      what: `the author is ${author.name} (${authorFingerprint(author)})`,
      isListed: (listed) => listed === authorFingerprint(author),
    }),
  jobs: ({ jobs }, { manifest: { job } }) =>
    oneOf(jobs, { what: `the job is ${job}`, isListed: (pattern) => isLike(pattern, job) }),
  columns: ({ columns }, { manifest: { data } }) => {
    const read = [...data.features.map(({ column }) => column), data.label.column];
    if (columns === 'any') return allowed(`the job reads ${read.length} columns, and any may be read`);
    const listed = new Set(columns);
    const others = read.filter((column) => !listed.has(column));
    return judged(
      others.length === 0,
      others.length === 0
        ? `the job reads ${read.length} columns, all of them permitted`
        : `the job reads ${others.join(', ')}, which ${others.length === 1 ? 'is' : 'are'} not permitted`,
    );
  },
  maxParameters: ({ maxParameters }, { manifest: { model } }) =>
    atMost(model.parameters, maxParameters, 'parameters of the model'),
  'maxRounds.job': ({ maxRounds }, { manifest: { rounds } }) =>
    atMost(rounds, maxRounds.job, 'training rounds of the job'),
  'maxRounds.all': ({ maxRounds }, { manifest: { rounds }, history: { roundsOfOthers } }) =>
    atMost(rounds + 2 + roundsOfOthers, maxRounds.all, 'rounds with those of other jobs so far'),
  maxClipNorm: ({ maxClipNorm }, { manifest: { strategy } }) =>
    atMost(toNumber(strategy.clipNorm), maxClipNorm, 'as the bound of an update'),
  privacy: ({ privacy }) => {
    if (privacy === 'none') return allowed('no differential privacy is asked for');
    return judged(
      false,
      privacy === undefined
        ? 'it is not set: write none to allow jobs without differential privacy, of which there are no others yet'
        : `it asks for ${privacy.mechanism}, and no job has differential privacy yet: it is not built`,
    );
  },
  minContributors: ({ minContributors }, { manifest: { contributors } }) =>
    atLeast(contributors.minimum, minContributors, 'contributors of every sum'),
  allowTwoSites: ({ allowTwoSites }, { manifest: { contributors } }) =>
    contributors.minimum > 2
      ? allowed('the job opens no sum over two sites')
      : judged(allowTwoSites, `the job opens sums over two sites, the policy says ${allowTwoSites}`),
  minThreshold: ({ minThreshold: { sites, fraction } }, { manifest: { threshold }, roster: { members } }) =>
    atLeast(
      threshold,
      Math.max(sites, Math.ceil(fraction * members.length)),
      'sites that open a sum together',
    ),
  requireStableSets: ({ requireStableSets }, { manifest: { lateSites } }) =>
    judged(
      !requireStableSets || lateSites === 'refused',
      `a site that missed a round ${lateSites === 'refused' ? 'contributes to no later one' : 'contributes again to the next one'}`,
    ),
} as const satisfies Record<string, (policy: Policy, asked: Asked) => Judged>;

export type RuleName = keyof typeof RULES;

export const RULE_NAMES = Object.keys(RULES) as readonly RuleName[];

/** The verdict of every rule, in a fixed order. Cannot fail. */
export function reviewPolicy(policy: Policy, asked: Asked): Verdict[] {
  return RULE_NAMES.map((rule) => ({ rule, ...RULES[rule](policy, asked) }));
}

/** Refuses POLICY_FORBIDS with every rule that forbids. */
export function verifyAllowed(verdicts: readonly Verdict[]): void {
  const forbidding = describeForbidding(verdicts);
  if (forbidding !== undefined) throw new Refusal('POLICY_FORBIDS', forbidding);
}

/** Every rule that forbids, in one line; undefined if none does. */
export function describeForbidding(verdicts: readonly Verdict[]): string | undefined {
  const forbidding = verdicts.filter(({ isAllowed }) => !isAllowed);
  if (forbidding.length === 0) return undefined;
  return forbidding.map(({ rule, says }) => `policy.${rule}: ${says}`).join('; ');
}

function oneOf(
  list: 'any' | readonly string[],
  { what, isListed }: { readonly what: string; readonly isListed: (item: string) => boolean },
): Judged {
  if (list === 'any') return allowed(`${what}, and any is allowed`);
  return list.some(isListed)
    ? allowed(`${what}, which is listed`)
    : judged(false, `${what}, which is not listed`);
}

function atMost(asked: number, most: number, what: string): Judged {
  return judged(asked <= most, `${asked} ${what}, at most ${most} allowed`);
}

function atLeast(asked: number, least: number, what: string): Judged {
  return judged(asked >= least, `${asked} ${what}, at least ${least} demanded`);
}

function allowed(says: string): Judged {
  return judged(true, says);
}

function judged(isAllowed: boolean, says: string): Judged {
  return { isAllowed, says };
}
