// Light, dark, or as the system says. Kept in this browser.
import { signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';

const KEY = 'blindsum.theme';
const NEXT: Readonly<Record<Theme, Theme>> = { system: 'light', light: 'dark', dark: 'system' };

/** Charts draw with colours, not with styles: they draw anew when this changes. */
export const theme = signal<Theme>(readTheme());

export function applyTheme(): void {
  document.documentElement.dataset['theme'] = theme.value;
}

export function changeTheme(): void {
  theme.value = NEXT[theme.value];
  try {
    localStorage.setItem(KEY, theme.value);
  } catch {
    // A browser that keeps nothing shows it until the page is closed.
  }
  applyTheme();
}

function readTheme(): Theme {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === 'light' || kept === 'dark' ? kept : 'system';
  } catch {
    return 'system';
  }
}
