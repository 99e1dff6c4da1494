// What each check asks, proves and does not prove, for somebody who knows nothing about logs.
import type { CheckId } from './check.ts';

export interface CheckText {
  readonly title: string;
  readonly proves: string;
  readonly provesNot: string;
  /** What may be behind it when it fails. */
  readonly onFailure: string;
}

export const CHECK_TEXTS: Record<CheckId, CheckText> = {
  'record-signature': {
    title: 'The record is signed',
    proves: 'The record is, to the last character, what the holder of this key signed.',
    provesNot: 'That what it says is true, or whose key it is.',
    onFailure: 'The record or its signature was changed after it was signed. Do not rely on any of it.',
  },
  'record-key': {
    title: 'The signing key is the one you trust',
    proves: 'The record was signed by the key that you were given for this federation’s records.',
    provesNot: 'That whoever gave you that key is honest.',
    onFailure:
      'Somebody else signed this record, or the key that you have is of another federation or out of date.',
  },
  entry: {
    title: 'The log entry is that of this record',
    proves: 'The entry commits to exactly this record and this signature; no other record fits it.',
    provesNot: 'That the entry is in the log. The next check does.',
    onFailure: 'The proof belongs to another record, or the record was changed since it was logged.',
  },
  inclusion: {
    title: 'The entry is in the log’s tree',
    proves:
      'The entry is part of the tree whose root is in the checkpoint, and can neither be moved nor changed there.',
    provesNot: 'That the checkpoint is the log’s own. The next check does.',
    onFailure:
      'The record is not in the tree that the checkpoint is of: never logged, or the proof was changed.',
  },
  checkpoint: {
    title: 'The log signed the checkpoint',
    proves: 'The log whose key you trust has committed to this tree, in public and for good.',
    provesNot: 'That everybody is shown the same tree. Witnesses do.',
    onFailure: 'The log that you trust did not sign this. The record may have been made up.',
  },
  witnesses: {
    title: 'Witnesses saw the same log',
    proves:
      'A quorum of independent witnesses saw this tree grow out of the one before, so that you are not shown a tree of your own.',
    provesNot: 'That the witnesses read the records. They only see that nothing is ever taken back.',
    onFailure:
      'Too few of the witnesses that you trust vouch for this tree: you may be shown another one than others are.',
  },
  members: {
    title: 'Members signed the result themselves',
    proves:
      'As many members as the record needs signed this very result with their own keys, so that the operator alone cannot have made it up.',
    provesNot: 'That the members’ data is good, or that those members did not collude.',
    onFailure: 'The members did not sign what the record says. Do not rely on its result.',
  },
  model: {
    title: 'The file is the model of the record',
    proves: 'The file that you have is, to the last bit, the model that the record is about.',
    provesNot: 'That the model is good or safe to use for anything.',
    onFailure: 'You have another file: damaged, of another round, or exchanged.',
  },
};
