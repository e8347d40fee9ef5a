import type { JSX } from 'preact';
import type { Theme } from '../state/theme';

/** The sprout. */
export function Logo(): JSX.Element {
  return (
    <svg class="logo" width="26" height="28" viewBox="0 0 26 28" aria-hidden="true">
      <g fill="none" stroke="var(--stem)" stroke-width="2.4" stroke-linecap="round">
        <path d="M13 27V8M13 21Q6 21 5 12M13 18q7 0 8-7" />
      </g>
      <g fill="var(--state-computing)">
        <circle cx="13" cy="5.5" r="4.2" />
        <circle cx="4.6" cy="10.5" r="3.2" />
        <circle cx="21.4" cy="9" r="3.2" />
      </g>
    </svg>
  );
}

/** Sun, moon or projector: the theme that is on. */
export function ThemeIcon({ theme }: { readonly theme: Theme }): JSX.Element {
  return (
    <svg width="20" height="20" viewBox="0 0 20 20" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
      {theme === 'light' && (
        <>
          <circle cx="10" cy="10" r="3.6" />
          <path d="M10 1.8v2M10 16.2v2M1.8 10h2M16.2 10h2M4.2 4.2l1.4 1.4M14.4 14.4l1.4 1.4M4.2 15.8l1.4-1.4M14.4 5.6l1.4-1.4" />
        </>
      )}
      {theme === 'dark' && <path d="M16.6 12.2A7 7 0 0 1 7.8 3.4a7 7 0 1 0 8.8 8.8z" />}
      {theme === 'projector' && (
        <>
          <path d="M2 3.5h16M3.5 3.5v9h13v-9M10 12.5v2.5M6.5 17.5l3.5-2.5l3.5 2.5" />
        </>
      )}
    </svg>
  );
}

const Glyph = ({ d }: { readonly d: string }): JSX.Element => (
  <svg class="glyph" width="14" height="14" viewBox="0 0 14 14" fill="currentColor" aria-hidden="true">
    <path d={d} />
  </svg>
);

export const PauseIcon = (): JSX.Element => <Glyph d="M2 1h3.6v12H2zM8.4 1H12v12H8.4z" />;
export const PlayIcon = (): JSX.Element => <Glyph d="M2.5 1l10 6l-10 6z" />;
export const StepIcon = (): JSX.Element => <Glyph d="M1 1l8.2 6L1 13zM10.2 1H13v12h-2.8z" />;

export function Eye(): JSX.Element {
  return (
    <svg width="22" height="16" viewBox="0 0 22 16" fill="none" stroke="currentColor" stroke-width="1.8" aria-hidden="true">
      <path d="M1.5 8Q6 1.5 11 1.5T20.5 8Q16 14.5 11 14.5T1.5 8z" />
      <circle cx="11" cy="8" r="3" />
    </svg>
  );
}

export function Cross(): JSX.Element {
  return (
    <svg width="14" height="14" viewBox="0 0 14 14" stroke="currentColor" stroke-width="2" stroke-linecap="round" aria-hidden="true">
      <path d="M2.5 2.5l9 9M11.5 2.5l-9 9" />
    </svg>
  );
}
