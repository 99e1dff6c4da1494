// Who can read what in a job, in words: made from the document of the coordinator, sentence by sentence.
import type { PrivacyDocument, PrivacyFlow } from './documents.ts';
import { toCount, toList } from './format.ts';
import { KINDS, type Tone } from './words.ts';

export interface Statement {
  readonly title: string;
  readonly text: string;
}

export interface FlowRow {
  readonly what: string;
  readonly when: string;
  readonly form: string;
  readonly readers: { readonly word: string; readonly tone: Tone };
  readonly afterwards: string;
}

const FORMS: Readonly<Record<PrivacyFlow['form'], string>> = {
  encrypted: 'Encrypted under a one-time key that nobody holds alone',
  sealed: 'Sealed for one member',
  signed: 'In the clear, signed by the site',
  clear: 'In the clear',
};

const READERS: Readonly<Record<PrivacyFlow['readers'], FlowRow['readers']>> = {
  nobody: { word: 'Nobody', tone: 'good' },
  members: { word: 'Members', tone: 'wait' },
  operators: { word: 'Operators', tone: 'warn' },
  everybody: { word: 'Everybody', tone: 'quiet' },
};

/** What the settings of the job mean for a site's rows. */
export function toStatements(privacy: PrivacyDocument): Statement[] {
  const { members, threshold, minimumContributors, modelReaders, clipNorm } = privacy;
  return [
    {
      title: 'The coordinator reads no update',
      text: 'Each site encrypts its update under a key of its own, used once. The coordinator adds ciphertexts. It has no key, and there is none it could be given.',
    },
    {
      title: `${threshold} of ${members.length} members open a sum together`,
      text: `Fewer cannot. A site’s single update stays closed unless ${toCount(threshold, 'member')} break the rules together.`,
    },
    {
      title: `Every sum is over at least ${toCount(minimumContributors, 'site')}`,
      text: toFloorText(minimumContributors),
    },
    {
      title: modelReaders === 'everybody' ? 'The model is public' : 'The model stays with the members',
      text:
        modelReaders === 'everybody'
          ? 'The members voted to release it: anybody may fetch it, and what a model remembers of its training rows can be looked for by anybody.'
          : `${members.length > 6 ? `The ${members.length} members` : toList(members, 6)} hold it. The coordinator and auditors see its digest only. It becomes public if enough members vote for that.`,
    },
    {
      title: 'Updates are bounded, and no noise is added',
      text: `A site clips its update to an L2 norm of ${clipNorm} before it encrypts it. Sums are exact: there is no differential privacy, so members can learn from a total what a total says.`,
    },
  ];
}

function toFloorText(minimum: number): string {
  const others = minimum - 1;
  const known =
    others === 1
      ? 'With two sites, each can subtract its own update and reads the other’s. Every site had to agree to that.'
      : `Whoever knows a sum and all but one of its updates can work out the last: ${toCount(others, 'site')} would have to put theirs together.`;
  return `A smaller set is never opened. ${known}`;
}

function toWhen(rounds: PrivacyFlow['rounds']): string {
  if (rounds.length === 0) return 'At any time';
  if (rounds.length === Object.keys(KINDS).length) return 'Every round';
  return rounds.map((kind) => KINDS[kind]).join(', ');
}

export function toFlowRows({ flows }: PrivacyDocument): FlowRow[] {
  return flows.map(({ what, rounds, form, readers, afterOpening }) => ({
    what,
    when: toWhen(rounds),
    form: FORMS[form],
    readers: READERS[readers],
    afterwards: afterOpening === 'total' ? 'The total over all contributors' : '–',
  }));
}
