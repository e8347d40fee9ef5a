import { signal } from '@preact/signals';

export type Theme = 'light' | 'dark' | 'projector';

const KEY = 'vivero.theme';
const ORDER: readonly Theme[] = ['light', 'dark', 'projector'];

function current(): Theme {
  const set = document.documentElement.dataset.theme; // head.js put it there
  if (set === 'light' || set === 'dark' || set === 'projector') return set;
  return window.matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}

/** The system's choice until somebody chooses. Drawings on canvas read it to be drawn again. */
export const theme = signal<Theme>(current());

window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => (theme.value = current()));

export function followingTheme(now: Theme): Theme {
  return ORDER[(ORDER.indexOf(now) + 1) % ORDER.length] ?? 'light';
}

export function setTheme(next: Theme): void {
  theme.value = next;
  document.documentElement.dataset.theme = next;
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // remembered for this page only
  }
}
