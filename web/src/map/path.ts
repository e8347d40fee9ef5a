/** Path data of lines. Pure. */

export type Point = readonly [x: number, y: number];

/** Length and half the width of an arrowhead. */
export const HEAD = 11;
const HALF = 6;

/** From point to point, each step one S that begins and ends level; upright: one that begins and ends plumb. */
export function sweep(points: readonly Point[], upright = false): string {
  const [x0, y0] = points[0] ?? [0, 0];
  let d = `M${x0} ${y0}`;
  for (let i = 1; i < points.length; i++) {
    const [x1, y1] = points[i - 1] as Point;
    const [x2, y2] = points[i] as Point;
    const x = (x1 + x2) / 2;
    const y = (y1 + y2) / 2;
    d += upright ? `C${x1} ${y} ${x2} ${y} ${x2} ${y2}` : `C${x} ${y1} ${x} ${y2} ${x2} ${y2}`;
  }
  return d;
}

/** Straight from point to point with round corners. */
export function rounded(points: readonly Point[], radius = 12): string {
  const [x0, y0] = points[0] ?? [0, 0];
  let d = `M${x0} ${y0}`;
  for (let i = 1; i + 1 < points.length; i++) {
    const at = points[i] as Point;
    const before = points[i - 1] as Point;
    const after = points[i + 1] as Point;
    const towards = (to: Point): Point => {
      const length = Math.hypot(to[0] - at[0], to[1] - at[1]);
      const r = Math.min(radius, length / 2) / Math.max(length, 1);
      return [at[0] + (to[0] - at[0]) * r, at[1] + (to[1] - at[1]) * r];
    };
    const [x1, y1] = towards(before);
    const [x2, y2] = towards(after);
    d += `L${x1} ${y1}Q${at[0]} ${at[1]} ${x2} ${y2}`;
  }
  const [x, y] = points[points.length - 1] ?? [0, 0];
  return `${d}L${x} ${y}`;
}

/** An arrowhead with its tip at the point, that looks to the right (1, 0), left (-1, 0), down (0, 1) or up (0, -1). */
export function head([x, y]: Point, dx: number, dy: number): string {
  const bx = x - dx * HEAD;
  const by = y - dy * HEAD;
  return `M${x} ${y}L${bx - dy * HALF} ${by - dx * HALF}L${bx + dy * HALF} ${by + dx * HALF}Z`;
}
