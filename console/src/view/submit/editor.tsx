// The text of a job file, with its lines numbered and those marked that are wrong.
import type { JSX } from 'preact';
import { cursor, problems, text } from '../../store/submission-store.ts';
import { Panel } from '../parts/basics.tsx';

const LEAST_LINES = 18;

export function Editor(): JSX.Element {
  const lines = Math.max(LEAST_LINES, text.value.split('\n').length);
  const wrong = new Map(problems.value.map(({ line, message }) => [line, message]));
  const note = ({ currentTarget }: { currentTarget: HTMLTextAreaElement }) => {
    cursor.value = currentTarget.selectionStart;
  };
  return (
    <Panel title="Job file" aside={<span id="job-format">YAML or JSON</span>}>
      <div class="editor" id="job-lines">
        <ol class="lines" aria-hidden="true">
          {Array.from({ length: lines }, (_, i) => (
            <li key={i} class={wrong.has(i + 1) ? 'wrong' : ''} title={wrong.get(i + 1)}>
              {i + 1}
            </li>
          ))}
        </ol>
        <textarea
          id="job-text"
          class="code"
          wrap="off"
          spellcheck={false}
          autocomplete="off"
          rows={lines}
          value={text.value}
          aria-labelledby="panel-job-file job-format"
          aria-invalid={problems.value.length > 0}
          aria-describedby="job-problems"
          placeholder="Write a job, or open one."
          onInput={(event) => {
            text.value = event.currentTarget.value;
            note(event);
          }}
          onKeyUp={note}
          onClick={note}
        />
      </div>
    </Panel>
  );
}

/** A text of many lines scrolls in its own frame: what is beside and below it stays in sight. */
function showLine(area: HTMLTextAreaElement, line: number): void {
  const frame = document.getElementById('job-lines');
  const lines = text.value.split('\n').length;
  if (frame) frame.scrollTop = ((line - 1) / lines) * area.scrollHeight - frame.clientHeight / 3;
  area.scrollIntoView({ block: 'nearest' });
}

/** Selects a line, and brings it into sight. */
export function goToLine(line: number): void {
  const area = document.getElementById('job-text') as HTMLTextAreaElement | null;
  if (!area) return;
  const start =
    text.value
      .split('\n')
      .slice(0, line - 1)
      .join('\n').length + (line > 1 ? 1 : 0);
  const end = start + (text.value.split('\n')[line - 1]?.length ?? 0);
  area.focus({ preventScroll: true });
  area.setSelectionRange(start, end);
  showLine(area, line);
  cursor.value = start;
}
