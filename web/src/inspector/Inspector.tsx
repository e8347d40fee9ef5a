import type { JSX } from 'preact';

export function Inspector(): JSX.Element | null {
  return null;
}
