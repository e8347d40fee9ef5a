import type { JSX } from 'preact';

/** A message: a circle in its sender's hue with its number. What it shows is written by paintDot. */
export function DotMark({ r }: { readonly r: number }): JSX.Element {
  return (
    <g class="dot" data-r={r}>
      <title />
      <circle r={r} />
      <text y={r * 0.42} text-anchor="middle" />
    </g>
  );
}
