/** The colours and patterns of the timeline, by the theme that is on. Patterns are made in device pixels. */
import { FILLS, type Fill } from './blocks';

export interface Inks {
  readonly fills: Readonly<Record<Fill, string | CanvasPattern>>;
  readonly ink: string;
  readonly ink2: string;
  readonly line: string;
  readonly bg: string;
  readonly acc: string;
  readonly danger: string;
  /** px */
  readonly type: number;
}

type Draw = (c: CanvasRenderingContext2D, size: number) => void;

/** Tiles of 6 px: two colours each, so that nothing depends on hue alone. */
const TILES: Partial<Readonly<Record<Fill, Draw>>> = {
  ready: (c, s) => {
    c.lineWidth = s * 0.3;
    c.beginPath();
    for (const x of [-s, 0, s]) {
      c.moveTo(x - 1, s + 1);
      c.lineTo(x + s + 1, -1);
    }
    c.stroke();
  },
  blocked: (c, s) => {
    for (const [x, y] of [
      [0.25, 0.25],
      [0.75, 0.75],
    ] as const) {
      c.beginPath();
      c.arc(x * s, y * s, s * 0.19, 0, 2 * Math.PI);
      c.fill();
    }
  },
  held: (c, s) => c.fillRect(s * 0.2, 0, s * 0.32, s),
  stopped: (c, s) => {
    c.fillRect(0, s * 0.12, s, s * 0.26);
    c.fillRect(0, s * 0.62, s, s * 0.26);
  },
};

export function inksOf(context: CanvasRenderingContext2D, ratio: number): Inks {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const surface = colour('--surface');
  const fills = Object.fromEntries(
    FILLS.map((fill) => {
      if (fill === 'alive') return [fill, colour('--sunk')];
      const main = colour(`--state-${fill}`);
      const draw = TILES[fill];
      return [fill, draw === undefined ? main : (patternOf(context, draw, main, surface, ratio) ?? main)];
    }),
  ) as Record<Fill, string | CanvasPattern>;
  return {
    fills,
    ink: colour('--ink'),
    ink2: colour('--ink2'),
    line: colour('--line'),
    bg: colour('--bg'),
    acc: colour('--acc'),
    danger: colour('--danger'),
    type: parseFloat(style.getPropertyValue('--text-xs')) || 13,
  };
}

function patternOf(context: CanvasRenderingContext2D, draw: Draw, main: string, ground: string, ratio: number): CanvasPattern | null {
  const size = Math.round(6 * ratio);
  const tile = document.createElement('canvas');
  tile.width = tile.height = size;
  const c = tile.getContext('2d');
  if (c === null) return null;
  c.fillStyle = ground;
  c.fillRect(0, 0, size, size);
  c.globalAlpha = 0.18;
  c.fillStyle = c.strokeStyle = main;
  c.fillRect(0, 0, size, size);
  c.globalAlpha = 1;
  draw(c, size);
  const pattern = context.createPattern(tile, 'repeat');
  // The tile is in device pixels, the drawing in CSS ones.
  pattern?.setTransform(new DOMMatrix().scale(1 / ratio));
  return pattern;
}
