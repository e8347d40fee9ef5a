/** Columns of a layered layout, left to right: who stands in which, in what order, and how high. Pure arithmetic on plain nodes. */

/** Something that stands in a column. y is of its middle; up and down its room from there. */
export interface Node {
  readonly up: number;
  readonly down: number;
  /** neighbours in the columns to the left and right */
  readonly left: Node[];
  readonly right: Node[];
  y: number;
}

/**
 * Layers of members 0..n-1 by the longest path along the arcs; of a cycle the arc that closes it counts backwards.
 * Who has nothing before it stands just before what it leads to.
 */
export function layers(n: number, arcs: readonly (readonly [from: number, to: number])[]): number[] {
  const next = Array.from({ length: n }, () => new Set<number>());
  for (const [from, to] of arcs) if (from !== to) next[from]?.add(to);
  const forward = Array.from({ length: n }, () => new Set<number>());
  const seen = new Array<0 | 1 | 2>(n).fill(0);
  const topological: number[] = [];
  const visit = (at: number): void => {
    seen[at] = 1;
    for (const to of next[at] ?? []) {
      if (seen[to] === 1) forward[to]?.add(at); // closes a cycle
      else forward[at]?.add(to);
      if (seen[to] === 0) visit(to);
    }
    seen[at] = 2;
    topological.unshift(at);
  };
  const into = new Set(arcs.filter(([from, to]) => from !== to).map(([, to]) => to));
  for (let i = 0; i < n; i++) if (!into.has(i) && seen[i] === 0) visit(i);
  for (let i = 0; i < n; i++) if (seen[i] === 0) visit(i);
  // Reversed arcs lead from one that is still open, so the order of leaving holds for them too.
  const layer = new Array<number>(n).fill(0);
  for (const at of topological) for (const to of forward[at] ?? []) layer[to] = Math.max(layer[to] ?? 0, (layer[at] ?? 0) + 1);
  const entered = new Set(forward.flatMap((to) => [...to]));
  for (let i = 0; i < n; i++) {
    const to = [...(forward[i] ?? [])].map((j) => layer[j] ?? 0);
    if (!entered.has(i) && to.length > 0) layer[i] = Math.min(...to) - 1;
  }
  return layer;
}

/** Sorts each column by where its neighbours stand, to and fro; ties keep their order. */
export function untangle(columns: Node[][]): void {
  const sweep = (column: Node[], before: readonly Node[], side: 'left' | 'right'): void => {
    const place = new Map(before.map((node, i) => [node, i - (before.length - 1) / 2]));
    const centre = (node: Node, i: number): number => {
      const near = node[side].map((other) => place.get(other) ?? 0);
      return near.length === 0 ? i - (column.length - 1) / 2 : near.reduce((a, b) => a + b, 0) / near.length;
    };
    const keyed = column.map((node, i) => ({ node, i, at: centre(node, i) }));
    keyed.sort((a, b) => (Math.abs(a.at - b.at) < 1e-9 ? a.i - b.i : a.at - b.at));
    keyed.forEach(({ node }, i) => (column[i] = node));
  };
  for (let round = 0; round < 3; round++) {
    for (let c = 1; c < columns.length; c++) sweep(columns[c] as Node[], columns[c - 1] as Node[], 'left');
    for (let c = columns.length - 2; c >= 0; c--) sweep(columns[c] as Node[], columns[c + 1] as Node[], 'right');
  }
}

/** Gives each node its y: the tallest column is a stack around 0, the others follow it outwards, each node beside its neighbours. */
export function stand(columns: readonly (readonly Node[])[], gap: number): void {
  const height = (column: readonly Node[]): number => column.reduce((sum, node) => sum + node.up + node.down + gap, -gap);
  let tallest = 0;
  columns.forEach((column, c) => {
    if (height(column) > height(columns[tallest] as readonly Node[])) tallest = c;
  });
  const first = columns[tallest];
  if (!first) return;
  let y = -height(first) / 2;
  for (const node of first) {
    node.y = Math.round(y + node.up);
    y += node.up + node.down + gap;
  }
  // What a single node needs above and below may differ: its middle is what should lie at 0.
  if (first.length === 1) (first[0] as Node).y = 0;
  for (let c = tallest + 1; c < columns.length; c++) settle(columns[c] as readonly Node[], 'left', gap);
  for (let c = tallest - 1; c >= 0; c--) settle(columns[c] as readonly Node[], 'right', gap);
}

/** Each as near to its neighbours as the others allow: least squares in a fixed order (pool adjacent violators). */
function settle(column: readonly Node[], side: 'left' | 'right', gap: number): void {
  const offsets: number[] = [];
  column.forEach((node, i) => {
    const before = column[i - 1];
    offsets.push(before ? (offsets[i - 1] as number) + before.down + gap + node.up : 0);
  });
  const pools: { sum: number; n: number }[] = [];
  column.forEach((node, i) => {
    const near = node[side];
    const middle = near.reduce((sum, other) => sum + other.y, 0) / Math.max(1, near.length);
    pools.push({ sum: middle - (offsets[i] as number), n: 1 });
    for (;;) {
      const last = pools[pools.length - 1];
      const before = pools[pools.length - 2];
      if (!last || !before || before.sum / before.n <= last.sum / last.n) break;
      pools.pop();
      before.sum += last.sum;
      before.n += last.n;
    }
  });
  let i = 0;
  for (const pool of pools) {
    for (let k = 0; k < pool.n; k++, i++) {
      const node = column[i] as Node;
      const before = column[i - 1];
      const wanted = Math.round(pool.sum / pool.n + (offsets[i] as number));
      node.y = before ? Math.max(wanted, before.y + before.down + gap + node.up) : wanted;
    }
  }
}
