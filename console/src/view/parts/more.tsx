// The first of many, and the others on demand.
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';

/** Those to show of `items`, and a button for the rest while there is one. */
export function useMore<T>(items: readonly T[], most: number): readonly [readonly T[], JSX.Element | false] {
  const isWhole = useSignal(false);
  if (isWhole.value || items.length <= most) return [items, false];
  const button = (
    <p class="more">
      <button type="button" onClick={() => (isWhole.value = true)}>
        Show all {items.length}
      </button>
    </p>
  );
  return [items.slice(0, most), button];
}
