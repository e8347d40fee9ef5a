/** Draws plain data on the canvas; knows no state. Coordinates in CSS px, the lanes' own y without the scrolling. */
import type { Arrow } from './arrows';
import { FILLS, LANE, PITCH, type Blocks } from './blocks';
import type { Inks } from './inks';

export interface Plot {
  readonly width: number;
  readonly height: number;
  /** left edge of the lanes, right edge of them, height of the axis */
  readonly left: number;
  readonly right: number;
  readonly axis: number;
}

export interface LaneMark {
  readonly y: number;
  readonly name: string;
  readonly selected: boolean;
  /** x of its end, null: it lives or its end is not in sight */
  readonly endX: number | null;
  readonly end: string;
  /** it ended as it should */
  readonly well: boolean;
}

export interface ArrowMark extends Pick<Arrow, 'channel' | 'number' | 'lost'> {
  readonly x0: number;
  readonly y0: number;
  /** null: still on its way */
  readonly x1: number | null;
  readonly y1: number;
}

export interface AxisMark {
  readonly x: number;
  readonly text: string;
}

const fontOf = (inks: Inks, weight = 400): string => `${weight} ${inks.type}px 'Inter Variable', system-ui, sans-serif`;

export function clear(c: CanvasRenderingContext2D, plot: Plot, ratio: number): void {
  c.setTransform(ratio, 0, 0, ratio, 0, 0);
  c.clearRect(0, 0, plot.width, plot.height);
}

export function drawBlocks(c: CanvasRenderingContext2D, blocks: Blocks, inks: Inks): void {
  // What lies below comes first.
  for (const fill of ['alive', ...FILLS.filter((one) => one !== 'alive')] as const) {
    const list = blocks[fill];
    if (list.length === 0) continue;
    c.beginPath();
    for (let i = 0; i < list.length; i += 4) c.rect(list[i] ?? 0, list[i + 1] ?? 0, list[i + 2] ?? 0, list[i + 3] ?? 0);
    c.fillStyle = inks.fills[fill];
    c.fill();
  }
}

export function drawLanes(c: CanvasRenderingContext2D, lanes: readonly LaneMark[], plot: Plot, inks: Inks): void {
  c.textBaseline = 'middle';
  for (const { y, name, selected, endX, end, well } of lanes) {
    const middle = y + LANE / 2 + 0.5;
    c.textAlign = 'right';
    c.font = fontOf(inks, selected ? 700 : 450);
    c.fillStyle = selected ? inks.ink : inks.ink2;
    c.fillText(shorten(c, name, plot.left - 14), plot.left - 10, middle);
    if (selected) {
      c.strokeStyle = inks.acc;
      c.lineWidth = 2;
      c.beginPath();
      c.roundRect(plot.left - 1.5, y - 1.75, plot.right - plot.left + 3, LANE + 3.5, 4);
      c.stroke();
    }
    if (endX === null) continue;
    c.strokeStyle = inks.ink;
    c.lineWidth = 2.4;
    c.lineCap = 'round';
    c.beginPath();
    if (well) {
      c.moveTo(endX - 3.5, middle);
      c.lineTo(endX - 0.5, middle + 3.5);
      c.lineTo(endX + 4.5, middle - 4);
    } else {
      c.moveTo(endX - 3.5, middle - 3.5);
      c.lineTo(endX + 3.5, middle + 3.5);
      c.moveTo(endX + 3.5, middle - 3.5);
      c.lineTo(endX - 3.5, middle + 3.5);
    }
    c.stroke();
    c.font = fontOf(inks);
    c.fillStyle = inks.ink2;
    const width = c.measureText(end).width;
    c.textAlign = 'left';
    if (endX + 10 + width <= plot.right) c.fillText(end, endX + 10, middle);
  }
}

const short = new Map<string, string>();

/** As much of it as there is room for. */
function shorten(c: CanvasRenderingContext2D, text: string, room: number): string {
  const key = `${c.font} ${room} ${text}`;
  let known = short.get(key);
  if (known === undefined) {
    known = text;
    // The number at its end stays: it says which one it is.
    const number = /^(.*?)( \d+)?$/.exec(text);
    let head = (number?.[1] ?? text).slice(0, 60);
    const tail = number?.[2] ?? '';
    if (c.measureText(text).width > room) {
      while (head.length > 1 && c.measureText(`${head}…${tail}`).width > room) head = head.slice(0, -1);
      known = `${head.trimEnd()}…${tail}`;
    }
    if (short.size > 2000) short.clear();
    short.set(key, known);
  }
  return known;
}

/** numbered: each arrow says which message it is. */
export function drawArrows(c: CanvasRenderingContext2D, arrows: readonly ArrowMark[], inks: Inks, numbered: boolean): void {
  c.lineCap = 'round';
  c.lineJoin = 'round';
  // Twice: a pale seam first, so that a thin line is seen on any pattern. Where they are many they are finer.
  const fine = numbered ? 1.6 : 1.1;
  for (const [colour, width] of [
    [inks.bg, 2 * fine + 1.2],
    [inks.ink, fine],
  ] as const) {
    c.strokeStyle = c.fillStyle = colour;
    c.lineWidth = width;
    for (const { x0, y0, x1, y1, lost } of arrows) {
      c.beginPath();
      c.arc(x0, y0, width === fine ? 1.5 * fine : 2.4 * fine, 0, 2 * Math.PI);
      c.fill();
      if (x1 === null) continue;
      const turn = Math.atan2(y1 - y0, x1 - x0);
      c.beginPath();
      c.moveTo(x0, y0);
      c.lineTo(x1, y1);
      for (const side of [-0.5, 0.5]) {
        c.moveTo(x1 - 6 * Math.cos(turn + side), y1 - 6 * Math.sin(turn + side));
        c.lineTo(x1, y1);
      }
      if (lost) {
        c.moveTo(x1 + 4, y1 - 4);
        c.lineTo(x1 + 12, y1 + 4);
        c.moveTo(x1 + 12, y1 - 4);
        c.lineTo(x1 + 4, y1 + 4);
      }
      c.stroke();
    }
  }
  if (!numbered) return;
  c.font = fontOf(inks, 700);
  c.textAlign = 'left';
  c.textBaseline = 'middle';
  c.strokeStyle = inks.bg;
  c.fillStyle = inks.ink;
  c.lineWidth = 4;
  for (const { number, x0, y0, x1, y1 } of arrows) {
    const [x, y] = x1 === null ? [x0 + 6, y0] : [(x0 + x1) / 2 + 5, (y0 + y1) / 2];
    c.strokeText(String(number), x, y);
    c.fillText(String(number), x, y);
  }
}

/** The arrow that is not further than near px from there, undefined for none. */
export function arrowAt(arrows: readonly ArrowMark[], x: number, y: number, near: number): ArrowMark | undefined {
  return arrows.find(({ x0, y0, x1, y1 }) => {
    const [dx, dy] = [(x1 ?? x0) - x0, (x1 === null ? y0 : y1) - y0];
    const long = dx * dx + dy * dy;
    const along = long === 0 ? 0 : Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / long));
    return Math.hypot(x - x0 - along * dx, y - y0 - along * dy) <= near;
  });
}

/** The moment that is pointed at. */
export function drawCursor(c: CanvasRenderingContext2D, x: number, y: number, plot: Plot, inks: Inks): void {
  c.strokeStyle = inks.ink;
  c.lineWidth = 1;
  c.beginPath();
  c.moveTo(Math.round(x) + 0.5, 0);
  c.lineTo(Math.round(x) + 0.5, plot.height - plot.axis);
  c.stroke();
  c.lineWidth = 2;
  c.strokeRect(Math.round(x) - 3, y - 1, 7, LANE + 2);
}

export function drawAxis(c: CanvasRenderingContext2D, marks: readonly AxisMark[], plot: Plot, inks: Inks): void {
  const y = plot.height - plot.axis;
  c.fillStyle = inks.bg;
  c.fillRect(0, y, plot.width, plot.axis);
  c.strokeStyle = c.fillStyle = inks.ink2;
  c.lineWidth = 1.5;
  c.font = fontOf(inks);
  c.textBaseline = 'middle';
  for (const { x, text } of marks) {
    c.beginPath();
    c.moveTo(x, y + 1);
    c.lineTo(x, y + 6);
    c.stroke();
    const half = c.measureText(text).width / 2;
    c.textAlign = 'center';
    c.fillText(text, Math.min(plot.width - half - 2, Math.max(half + 2, x)), y + plot.axis / 2 + 3);
  }
}

/** Height of that many lanes, in px. */
export const heightOf = (lanes: number): number => Math.ceil(lanes * PITCH) + TOP;

/** Room above the first lane. */
export const TOP = 4;
