// Trust policies (C2SP tlog-policy): which logs are believed, and which of the witnesses must have cosigned a checkpoint.
import { parseUtf8, toHex, type Bytes } from '../bytes.ts';
import { Refusal, refuseUnless } from '../refusal.ts';
import { encodeVkey, parseCosignerVkey, parseLogVkey, type NoteKey } from './note-key.ts';

const MAX_POLICY_BYTES = 1 << 20;
/** Logs, witnesses and groups that one policy may name. */
const MAX_LINES = 4096;
/** The quorum of no witness. */
export const NO_QUORUM = 'none';

/** A log that is accepted: its origin is the name of its key. */
export interface PolicyLog {
  readonly key: NoteKey;
  /** Where it is read; of no meaning to who verifies. */
  readonly url?: string;
}

/** A witness under the name that it has in the policy. */
export interface PolicyWitness extends PolicyLog {
  readonly name: string;
}

/** A group has seen what at least `threshold` of its members have seen. */
export interface PolicyGroup {
  readonly name: string;
  /** 1 <= threshold <= members.length. */
  readonly threshold: number;
  /** Names of witnesses and of earlier groups, each once. */
  readonly members: readonly string[];
}

export interface TlogPolicy {
  readonly logs: readonly PolicyLog[];
  readonly witnesses: readonly PolicyWitness[];
  /** In an order in which each names only those before it. */
  readonly groups: readonly PolicyGroup[];
  /** Name of a witness or a group, or NO_QUORUM. */
  readonly quorum: string;
}

/** The policy as a file. What parseTlogPolicy makes of it is the same policy. */
export function encodeTlogPolicy({ logs, witnesses, groups, quorum }: TlogPolicy): string {
  const lines = [
    ...logs.map(({ key, url }) => ['log', encodeVkey(key), url]),
    ...witnesses.map(({ name, key, url }) => ['witness', name, encodeVkey(key), url]),
    ...groups.map(({ name, threshold, members }) => [
      'group',
      name,
      toThreshold(threshold, members),
      ...members,
    ]),
    ['quorum', quorum],
  ];
  return lines.map((words) => `${words.filter((word) => word !== undefined).join(' ')}\n`).join('');
}

/** Parses a policy file; refuses MALFORMED, naming the line. */
export function parseTlogPolicy(bytes: Bytes): TlogPolicy {
  refuseUnless(bytes.length <= MAX_POLICY_BYTES, 'MALFORMED', 'policy: too long');
  const text = parseUtf8(bytes, 'policy');
  refuseUnless(!/[\u0000-\u0008\u000b-\u001f\u007f]/.test(text), 'MALFORMED', 'policy: control character');
  const lines = text.split('\n');
  refuseUnless(lines.pop() === '', 'MALFORMED', 'policy: no final newline');
  refuseUnless(lines.length <= MAX_LINES, 'MALFORMED', `policy: more than ${MAX_LINES} lines`);
  const draft = new PolicyDraft();
  lines.forEach((line, i) => {
    const words = line.split(/[ \t]+/).filter((word) => word !== '');
    if (words.length > 0 && !words[0]!.startsWith('#')) draft.add(words, `policy, line ${i + 1}`);
  });
  return draft.finish();
}

/** Whether the witnesses of these names are enough. */
export function isQuorumMet({ groups, quorum }: TlogPolicy, witnesses: ReadonlySet<string>): boolean {
  const seen = new Set(witnesses);
  for (const { name, threshold, members } of groups)
    if (members.filter((member) => seen.has(member)).length >= threshold) seen.add(name);
  return quorum === NO_QUORUM || seen.has(quorum);
}

function toThreshold(threshold: number, members: readonly string[]): string {
  if (threshold === members.length) return 'all';
  return threshold === 1 ? 'any' : String(threshold);
}

/** A policy of which some lines have been read. */
class PolicyDraft {
  readonly #logs: PolicyLog[] = [];
  readonly #witnesses: PolicyWitness[] = [];
  readonly #groups: PolicyGroup[] = [];
  readonly #names = new Set<string>([NO_QUORUM]);
  readonly #keys = new Set<string>();
  #quorum: string | undefined;

  add([keyword = '', ...words]: readonly string[], place: string): void {
    switch (keyword) {
      case 'log':
        return this.#addLog(words, place);
      case 'witness':
        return this.#addWitness(words, place);
      case 'group':
        return this.#addGroup(words, place);
      case 'quorum':
        return this.#setQuorum(words, place);
      default:
        throw new Refusal('MALFORMED', `${place}: neither log, witness, group nor quorum`);
    }
  }

  finish(): TlogPolicy {
    const quorum = this.#quorum;
    if (quorum === undefined) throw new Refusal('MALFORMED', 'policy: no quorum line');
    return { logs: this.#logs, witnesses: this.#witnesses, groups: this.#groups, quorum };
  }

  #addLog([vkey = '', url, ...rest]: readonly string[], place: string): void {
    refuseUnless(vkey !== '' && rest.length === 0, 'MALFORMED', `${place}: expected log <vkey> [<url>]`);
    this.#logs.push({
      key: this.#takeKey('log', parseLogVkey(vkey), place),
      ...(url !== undefined && { url }),
    });
  }

  #addWitness([name = '', vkey = '', url, ...rest]: readonly string[], place: string): void {
    const isWhole = vkey !== '' && rest.length === 0;
    refuseUnless(isWhole, 'MALFORMED', `${place}: expected witness <name> <vkey> [<url>]`);
    this.#takeName(name, place);
    const key = this.#takeKey('witness', parseCosignerVkey(vkey), place);
    this.#witnesses.push({ name, key, ...(url !== undefined && { url }) });
  }

  #addGroup([name = '', threshold = '', ...members]: readonly string[], place: string): void {
    const isWhole = members.length > 0;
    refuseUnless(isWhole, 'MALFORMED', `${place}: expected group <name> <all, any or a number> <name>...`);
    for (const member of members) this.#refuseUnlessDefined(member, place);
    refuseUnless(new Set(members).size === members.length, 'MALFORMED', `${place}: a member twice`);
    const k = parseThreshold(threshold, members.length, place);
    refuseUnless(k <= members.length, 'MALFORMED', `${place}: more than all of its members`);
    this.#takeName(name, place);
    this.#groups.push({ name, threshold: k, members });
  }

  #setQuorum([name = '', ...rest]: readonly string[], place: string): void {
    refuseUnless(name !== '' && rest.length === 0, 'MALFORMED', `${place}: expected quorum <name>`);
    refuseUnless(this.#quorum === undefined, 'MALFORMED', `${place}: a second quorum`);
    if (name !== NO_QUORUM) this.#refuseUnlessDefined(name, place);
    this.#quorum = name;
  }

  #takeName(name: string, place: string): void {
    refuseUnless(!this.#names.has(name), 'MALFORMED', `${place}: the name ${name} is taken`);
    this.#names.add(name);
  }

  /** One key under two names would count as two witnesses; an Ed25519 cosignature does not even say whose it is. */
  #takeKey(role: 'log' | 'witness', key: NoteKey, place: string): NoteKey {
    const id = `${role} ${toHex(key.publicKey)}`;
    refuseUnless(!this.#keys.has(id), 'MALFORMED', `${place}: the key of another ${role}`);
    this.#keys.add(id);
    return key;
  }

  #refuseUnlessDefined(name: string, place: string): void {
    const isDefined = name !== NO_QUORUM && this.#names.has(name);
    refuseUnless(isDefined, 'MALFORMED', `${place}: ${name} is not defined before it`);
  }
}

function parseThreshold(text: string, members: number, place: string): number {
  if (text === 'all') return members;
  if (text === 'any') return 1;
  refuseUnless(/^[1-9][0-9]{0,3}$/.test(text), 'MALFORMED', `${place}: threshold`);
  return Number(text);
}
