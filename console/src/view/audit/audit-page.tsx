// The log, verified in this browser: signature, growth since this browser last looked, and witnesses.
import { signal } from '@preact/signals';
import { Refusal, toHex } from '@blindsum/proto';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import {
  forget,
  lookAtLog,
  remember,
  remembered,
  servedKey,
  verifyGrowth,
  type LogLook,
} from '../../api/log-reader.ts';
import { toCount, toDateTime } from '../../model/format.ts';
import type { Tone } from '../../model/words.ts';
import { useStore } from '../context.ts';
import { Badge, Facts, Hash, Page, Panel } from '../parts/basics.tsx';
import { AuditTabs } from './audit-tabs.tsx';
import { WitnessPanel } from './witness-panel.tsx';

interface Check {
  readonly name: string;
  readonly tone: Tone;
  readonly word: string;
  readonly text: string;
}

interface Result {
  readonly checks: readonly Check[];
  readonly look: LogLook | undefined;
}

const result = signal<Result | undefined>(undefined);
const GROWTH = 'The log only grew';

const passed = (name: string, text: string): Check => ({ name, text, tone: 'good', word: 'Verified' });
const failed = (name: string, error: Refusal): Check => ({
  ...{ name, tone: 'bad', word: 'Failed' },
  text: `${error.code}: ${error.detail}`,
});

/** Makes every check that can be made, and remembers what was seen if none failed. */
async function verify(): Promise<void> {
  const checks: Check[] = [];
  let look: LogLook | undefined;
  try {
    const before = remembered();
    const verifierKey = await servedKey();
    checks.push(toKeyCheck(before?.verifierKey, verifierKey));
    look = await lookAtLog(before?.verifierKey ?? verifierKey);
    checks.push(
      passed(
        'The checkpoint is signed',
        `By ${look.origin}, over ${toCount(Number(look.size), 'entry', 'entries')}.`,
      ),
    );
    checks.push(await toGrowthCheck(look, before));
    checks.push(toQuorumCheck(look));
    if (checks.every(({ tone }) => tone !== 'bad')) remember({ verifierKey, head: look, atMs: Date.now() });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    checks.push(failed('The log can be read and its checkpoint verified', error));
  }
  result.value = { checks, look };
}

function toKeyCheck(before: string | undefined, now: string): Check {
  const name = 'The key is the one seen before';
  if (before === undefined)
    return {
      ...{ name, tone: 'wait', word: 'First look' },
      text: 'The coordinator gave the key itself. Compare it, below, with the one that a member or an auditor has.',
    };
  return before === now
    ? passed(name, 'The coordinator serves the key that this browser remembers.')
    : failed(name, new Refusal('BAD_SIGNATURE', 'the coordinator serves another key of the log than before'));
}

async function toGrowthCheck(look: LogLook, before: ReturnType<typeof remembered>): Promise<Check> {
  if (!before)
    return {
      name: GROWTH,
      tone: 'wait',
      word: 'First look',
      text: 'From now on, this browser remembers what it saw.',
    };
  try {
    await verifyGrowth(before.head, look);
    const seen = `${toCount(Number(before.head.size), 'entry', 'entries')}, seen ${toDateTime(before.atMs)}`;
    return passed(
      GROWTH,
      `The tree begins with the one that this browser saw before (${seen}): nothing was changed or removed.`,
    );
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return failed(GROWTH, error);
  }
}

function toQuorumCheck({ quorum, size, cosignings }: LogLook): Check {
  const name = 'Witnesses saw the same log';
  if (!quorum)
    return { name, tone: 'quiet', word: 'Not asked', text: 'The policy of this log asks for no witness.' };
  const who = cosignings.map(({ witness }) => witness).join(', ');
  if (quorum.size === size)
    return passed(name, `The quorum ${quorum.name} cosigned the newest checkpoint${who ? `: ${who}` : ''}.`);
  const lag = toCount(Number(size - quorum.size), 'entry', 'entries');
  return {
    name,
    tone: 'wait',
    word: 'Behind',
    text: `The quorum ${quorum.name} cosigned all but the last ${lag}; the rest follows.`,
  };
}

export function AuditPage(): JSX.Element {
  const store = useStore();
  const log = store.live.value?.overview.log;
  const size = log?.size;
  useEffect(() => void verify(), [size]);
  const again = (
    <>
      <button type="button" onClick={() => void verify()}>
        Verify again
      </button>
      <a class="button" href="/log/verify">
        Check one record
      </a>
    </>
  );
  return (
    <Page
      title="Audit"
      lead="Every round is in a public log. This page verifies it here, with the code auditors use. A coordinator that lies can also serve a page that lies: auditors use their own copy."
      actions={again}
    >
      <AuditTabs at="log" />
      <Panel title="Verified in this browser">
        <div aria-live="polite">
          {result.value ? <Checks {...result.value} /> : <p class="empty">Verifying …</p>}
        </div>
      </Panel>
      {log && <WitnessPanel log={log} nowMs={store.nowMs.value} />}
      <Panel title="The log">
        <Facts
          facts={[
            ['Origin', log?.origin ?? ''],
            ['Entries', String(log?.size ?? '')],
            ['Root', <Hash value={log?.root ?? ''} />],
            ['Signing', log?.stopped ?? 'yes'],
          ]}
        />
        <p class="key-line">
          Verifier key: <code>{log?.verifierKey}</code>
        </p>
        <div class="actions">
          <button
            type="button"
            onClick={() => {
              forget();
              void verify();
            }}
          >
            Forget what this browser remembers
          </button>
        </div>
      </Panel>
    </Page>
  );
}

function Checks({ checks, look }: Result): JSX.Element {
  const isGood = checks.every(({ tone }) => tone !== 'bad');
  return (
    <>
      <p class="verdict" data-verdict={isGood ? 'good' : 'bad'}>
        <strong class={isGood ? 'tone-good' : 'tone-bad'}>
          {isGood ? 'Nothing is wrong with the log' : 'Something is wrong with the log'}
        </strong>
        {look && (
          <span class="sub">
            {toCount(Number(look.size), 'entry', 'entries')}, root{' '}
            <code>{toHex(look.root).slice(0, 16)}…</code>
          </span>
        )}
      </p>
      <ul class="checks">
        {checks.map(({ name, tone, word, text }) => (
          <li key={name}>
            <Badge word={word} tone={tone} />
            <div>
              <strong>{name}</strong>
              <p class="muted">{text}</p>
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}
