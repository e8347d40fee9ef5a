import type { JSX } from 'preact';
import type { Look, Shape } from '../state/words';
import './badge.css';

const outlines: Readonly<Record<Shape, string>> = {
  circle: 'M11 1a10 10 0 1 1 0 20a10 10 0 1 1 0-20z',
  square: 'M4.5 1.5h13a3 3 0 0 1 3 3v13a3 3 0 0 1-3 3h-13a3 3 0 0 1-3-3v-13a3 3 0 0 1 3-3z',
  bars: 'M4.5 1.5h13a3 3 0 0 1 3 3v13a3 3 0 0 1-3 3h-13a3 3 0 0 1-3-3v-13a3 3 0 0 1 3-3zM8.4 7.2v7.6M13.6 7.2v7.6',
  octagon: 'M6.9 1h8.2L21 6.9v8.2L15.1 21H6.9L1 15.1V6.9z',
  diamond: 'M11 0L22 11L11 22L0 11z',
  cross: 'M4 4L18 18M18 4L4 18',
  tick: 'M3 12L9 18L19 4',
};

/** Hollow badges are drawn inside the outline, so that all badges have one size. */
const hollow: Partial<Readonly<Record<Shape, string>>> = {
  circle: 'M11 2.3a8.7 8.7 0 1 1 0 17.4a8.7 8.7 0 1 1 0-17.4z',
  square: 'M5 2.5h12a2.5 2.5 0 0 1 2.5 2.5v12a2.5 2.5 0 0 1-2.5 2.5h-12a2.5 2.5 0 0 1-2.5-2.5v-12a2.5 2.5 0 0 1 2.5-2.5z',
  bars: 'M5 2.5h12a2.5 2.5 0 0 1 2.5 2.5v12a2.5 2.5 0 0 1-2.5 2.5h-12a2.5 2.5 0 0 1-2.5-2.5v-12a2.5 2.5 0 0 1 2.5-2.5zM8.4 7.2v7.6M13.6 7.2v7.6',
};

/** The path of a badge's outline, in 22 × 22 units. */
export function outlineOf(look: Look): string {
  return look.filled ? outlines[look.shape] : (hollow[look.shape] ?? outlines[look.shape]);
}

/** The state's badge, 22 × 22 units: plain SVG content for use inside a drawing (translate and scale it there). */
export function BadgeMark({ look }: { readonly look: Look }): JSX.Element {
  const { shape, filled, key, letter } = look;
  if (shape === 'cross' || shape === 'tick') {
    return <path class={`badge-stroke look-${key}`} d={outlines[shape]} stroke-width={3.2} stroke-linecap="round" fill="none" />;
  }
  return (
    <g class={`badge look-${key} ${filled ? 'filled' : 'hollow'}`}>
      <path d={outlineOf(look)} />
      <text x={11} y={15.4} text-anchor="middle">
        {letter}
      </text>
    </g>
  );
}

/** The badge as an element of its own, size in px. Decoration: the word beside it says the same. */
export function Badge({ look, size = 22 }: { readonly look: Look; readonly size?: number }): JSX.Element {
  return (
    <svg class="badge-box" width={size} height={size} viewBox="0 0 22 22" aria-hidden="true" focusable="false">
      <BadgeMark look={look} />
    </svg>
  );
}
