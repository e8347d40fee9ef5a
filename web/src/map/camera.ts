/** How the scene lies in the room: pure arithmetic. A scene point p is drawn at camera + p × k. */

import type { Box, Density } from './scene';

export interface Camera {
  readonly x: number;
  readonly y: number;
  /** zoom; never under 1, for text must not shrink */
  readonly k: number;
}

/** The free part of the map in CSS pixels, from its upper left corner: what floats over it is taken off. */
export type Room = Box;

export const LEAST = 1;
/** by hand; by itself only a scene of large cards grows, and to 1.3 at most */
export const MOST = 2;
const MOST_BY_ITSELF: Readonly<Record<Density, number>> = { L: 1.3, S: 1.15, column: 1 };

const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);

/** The whole scene in the middle; one that is too large begins at its left edge, with `focus` (the root) in the middle of the height. */
export function fit(bounds: Box, room: Room, density: Density, focus: Box | undefined): Camera {
  const k = clamp(Math.min(room.w / bounds.w, room.h / bounds.h), LEAST, MOST_BY_ITSELF[density]);
  const x = bounds.w * k <= room.w ? room.x + (room.w - bounds.w * k) / 2 - bounds.x * k : room.x - bounds.x * k;
  let y = room.y + (room.h - bounds.h * k) / 2 - bounds.y * k;
  if (bounds.h * k > room.h && focus) {
    const centred = room.y + room.h / 2 - (focus.y + focus.h / 2) * k;
    y = clamp(centred, room.y + room.h - (bounds.y + bounds.h) * k, room.y - bounds.y * k);
  }
  return { x: Math.round(x), y: Math.round(y), k };
}

/** The nearest camera that shows no more emptiness than it must: the scene inside the room, or filling it. */
export function settle(camera: Camera, bounds: Box, room: Room): Camera {
  return {
    x: axis(camera.x, bounds.x * camera.k, bounds.w * camera.k, room.x, room.w),
    y: axis(camera.y, bounds.y * camera.k, bounds.h * camera.k, room.y, room.h),
    k: camera.k,
  };
}

function axis(at: number, start: number, size: number, roomStart: number, roomSize: number): number {
  const one = roomStart - start; // the start touches the room's start
  const other = roomStart + roomSize - start - size; // the end touches the room's end
  return clamp(at, Math.min(one, other), Math.max(one, other));
}

/** For a hand that pans: the scene may go anywhere, but a corner of it stays in sight. */
export function inSight(camera: Camera, bounds: Box, room: Room): Camera {
  const edge = 96;
  return {
    x: clamp(camera.x, room.x + edge - (bounds.x + bounds.w) * camera.k, room.x + room.w - edge - bounds.x * camera.k),
    y: clamp(camera.y, room.y + edge - (bounds.y + bounds.h) * camera.k, room.y + room.h - edge - bounds.y * camera.k),
    k: camera.k,
  };
}

/** Zoomed about a point of the room, which stays where it is. */
export function zoom(camera: Camera, factor: number, x: number, y: number): Camera {
  const k = clamp(camera.k * factor, LEAST, MOST);
  return { x: x - ((x - camera.x) / camera.k) * k, y: y - ((y - camera.y) / camera.k) * k, k };
}

/** The smallest move that brings a box into the room. */
export function reveal(camera: Camera, box: Box, room: Room): Camera {
  const margin = 16;
  const x0 = camera.x + box.x * camera.k - margin;
  const y0 = camera.y + box.y * camera.k - margin;
  const w = box.w * camera.k + 2 * margin;
  const h = box.h * camera.k + 2 * margin;
  const by = (from: number, size: number, start: number, length: number): number =>
    from < start || size > length ? start - from : from + size > start + length ? start + length - from - size : 0;
  return { x: camera.x + by(x0, w, room.x, room.w), y: camera.y + by(y0, h, room.y, room.h), k: camera.k };
}

export const same = (a: Camera, b: Camera): boolean =>
  Math.abs(a.x - b.x) < 0.5 && Math.abs(a.y - b.y) < 0.5 && Math.abs(a.k - b.k) < 0.001;
