// Beside the text: what is wrong, what the setting at the cursor means, and what all of it comes to.
import type { JSX } from 'preact';
import { GROUP_NAMES, SETTINGS, type Setting } from '../../model/setting-table.ts';
import { checked, explained, problems, roster, text } from '../../store/submission-store.ts';
import { Badge, Panel } from '../parts/basics.tsx';
import { goToLine } from './editor.tsx';

export function SidePanels(): JSX.Element {
  return (
    <div class="beside">
      <Panel title="Check">
        <div id="job-problems" aria-live="polite" class="check">
          <Verdict />
        </div>
      </Panel>
      <Panel title="At the cursor">
        <Explanation />
      </Panel>
      <details class="panel">
        <summary>All settings</summary>
        {GROUP_NAMES.map((group) => (
          <div key={group} class="setting-group">
            <h3>{group}</h3>
            <SettingList settings={SETTINGS.filter((setting) => setting.group === group)} />
          </div>
        ))}
      </details>
    </div>
  );
}

function Verdict(): JSX.Element {
  if (text.value.trim() === '') return <p class="muted">Nothing is written yet.</p>;
  if (problems.value.length > 0)
    return (
      <>
        <Badge
          word={
            problems.value.length === 1 ? 'One thing is wrong' : `${problems.value.length} things are wrong`
          }
          tone="bad"
        />
        <ul class="problems">
          {problems.value.map(({ line, place, message }) => (
            <li key={`${line} ${place} ${message}`}>
              <button type="button" class="plain" onClick={() => goToLine(line)}>
                Line {line}
              </button>
              {place !== '' && <code>{place}</code>} {message}
            </li>
          ))}
        </ul>
      </>
    );
  if (checked.value?.kind !== 'right') return <p class="muted">…</p>;
  return (
    <>
      <Badge word="Sites could take part in this" tone="good" />
      <dl class="comes-to">
        {checked.value.facts.map(({ name, value }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {roster.value?.adopted === null && (
        <p class="muted">There is no adopted roster yet: this was checked for three members.</p>
      )}
    </>
  );
}

function Explanation(): JSX.Element {
  const found = explained.value;
  if (!found)
    return (
      <p class="empty">Put the cursor on a setting: what it means, and what follows from it, is told here.</p>
    );
  return <SettingList settings={found.settings} />;
}

function SettingList({ settings }: { settings: readonly Setting[] }): JSX.Element {
  return (
    <dl class="explained">
      {settings.map(({ path, meaning, unless }) => (
        <div key={path}>
          <dt>
            <code>{path}</code>
          </dt>
          <dd>{meaning}</dd>
          <dd class="muted">{unless === undefined ? 'Must be given.' : `Without it: ${unless}.`}</dd>
        </div>
      ))}
    </dl>
  );
}
