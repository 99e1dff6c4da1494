// A table. On a narrow screen each row stands by itself, with the name of its column beside each value: nothing has to be scrolled to.
import type { ComponentChildren, JSX } from 'preact';

export interface Column<Row> {
  readonly head: string;
  readonly show: (row: Row) => ComponentChildren;
  /** Names the row: the first column does. */
  readonly isName?: boolean;
  readonly isNumber?: boolean;
  /** Of cells that must not be broken into lines, and others. */
  readonly class?: string;
}

interface Props<Row> {
  /** What the table is, for whoever does not see it. */
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly class?: string;
}

export function Table<Row>({ caption, columns, rows, keyOf, class: more = '' }: Props<Row>): JSX.Element {
  return (
    <div class="scroll">
      <table class={`stacks ${more}`}>
        <caption class="spoken">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ head, isNumber }) => (
              <th key={head} scope="col" class={isNumber === true ? 'number' : ''}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)} data-row={keyOf(row)}>
              {columns.map((column) => (
                <Cell key={column.head} column={column} row={row} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cell<Row>({ column, row }: { column: Column<Row>; row: Row }): JSX.Element {
  const { head, show, isName = false, isNumber = false, class: more = '' } = column;
  const shown = show(row);
  if (isName) return <th scope="row">{shown}</th>;
  const isEmpty = shown === '' || shown === null || shown === undefined;
  return (
    <td data-label={head} class={`${isNumber ? 'number' : ''} ${more}`}>
      {isEmpty ? <span class="muted">–</span> : shown}
    </td>
  );
}
