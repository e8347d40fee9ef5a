/** Outlines of subtrees, so that they can be pushed together without touching. */

/** From x0 to x1 the outline is at y. */
export type Edge = readonly [x0: number, x1: number, y: number];

/** Edges from left to right, disjoint. */
export type Contour = readonly Edge[];

/** How far down `lower` must go at least so that it keeps `gap` to what stands above; -Infinity when they share no x. */
export function push(upperBottom: Contour, lowerTop: Contour, gap: number): number {
  let shift = -Infinity;
  let i = 0;
  let j = 0;
  while (i < upperBottom.length && j < lowerTop.length) {
    const a = upperBottom[i] as Edge;
    const b = lowerTop[j] as Edge;
    if (Math.min(a[1], b[1]) > Math.max(a[0], b[0])) shift = Math.max(shift, a[2] + gap - b[2]);
    if (a[1] < b[1]) i++;
    else j++;
  }
  return shift;
}

/** The outline of both together; `outer` is Math.min for tops, Math.max for bottoms. */
export function join(a: Contour, b: Contour, outer: (p: number, q: number) => number): Contour {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const xs = corners(a, b);
  const result: [number, number, number][] = [];
  let i = 0;
  let j = 0;
  for (let k = 0; k + 1 < xs.length; k++) {
    const x0 = xs[k] as number;
    const x1 = xs[k + 1] as number;
    while (i < a.length && (a[i] as Edge)[1] <= x0) i++;
    while (j < b.length && (b[j] as Edge)[1] <= x0) j++;
    const p = i < a.length && (a[i] as Edge)[0] <= x0 ? (a[i] as Edge)[2] : null;
    const q = j < b.length && (b[j] as Edge)[0] <= x0 ? (b[j] as Edge)[2] : null;
    const y = p === null ? q : q === null ? p : outer(p, q);
    if (y === null) continue;
    const last = result[result.length - 1];
    if (last && last[1] === x0 && last[2] === y) last[1] = x1;
    else result.push([x0, x1, y]);
  }
  return result;
}

/** All x of both, ascending, each once: both are sorted already, so one pass does it. */
function corners(a: Contour, b: Contour): readonly number[] {
  const xs: number[] = [];
  let i = 0;
  let j = 0;
  while (i < 2 * a.length || j < 2 * b.length) {
    const p = i < 2 * a.length ? ((a[i >> 1] as Edge)[i & 1] as number) : Infinity;
    const q = j < 2 * b.length ? ((b[j >> 1] as Edge)[j & 1] as number) : Infinity;
    const x = Math.min(p, q);
    if (p === x) i++;
    if (q === x) j++;
    if (xs[xs.length - 1] !== x) xs.push(x);
  }
  return xs;
}

/** The same outline, `dy` further down. */
export function shift(contour: Contour, dy: number): Contour {
  return dy === 0 ? contour : contour.map(([x0, x1, y]) => [x0, x1, y + dy] as const);
}
