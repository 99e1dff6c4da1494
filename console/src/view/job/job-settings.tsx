// The settings that every site of the job consented to, each with what it means.
import type { JSX } from 'preact';
import { toSettingGroups } from '../../model/shown-settings.ts';
import type { JobDetail } from '../../model/documents.ts';
import { Panel } from '../parts/basics.tsx';

/** Characters of a value that gets a line of its own. */
const LONG = 120;

export function JobSettings({ detail }: { detail: JobDetail }): JSX.Element {
  return (
    <>
      {toSettingGroups(detail.manifest).map(({ title, settings }) => (
        <Panel key={title} title={title}>
          <dl class="settings">
            {settings.map(({ path, value, meaning }) => (
              <div key={path} class={value.length > LONG ? 'long' : ''}>
                <dt>
                  <code>{path}</code>
                </dt>
                <dd class="value">{value}</dd>
                <dd class="muted">{meaning}</dd>
              </div>
            ))}
          </dl>
        </Panel>
      ))}
    </>
  );
}
