/** Which lanes are in sight's stretch of time, and in which order. Pure. */
import { CELL_MS, type Lane } from '../state/lanes';
import { ROOT } from '../state/model';

/** Children under their parents, siblings by start; those that had ended before the stretch begins, and the root, are left out. */
export function orderOf(lanes: ReadonlyMap<number, Lane>, left: number, right: number): readonly Lane[] {
  const children = new Map<number, Lane[]>();
  const roots: Lane[] = [];
  for (const lane of lanes.values()) {
    if (lane.id === ROOT) continue;
    const { parent } = lane.row;
    if (parent === ROOT || !lanes.has(parent)) roots.push(lane);
    else {
      const list = children.get(parent);
      if (list === undefined) children.set(parent, [lane]);
      else list.push(lane);
    }
  }
  const out: Lane[] = [];
  const open = roots.sort((a, b) => b.id - a.id);
  for (let lane = open.pop(); lane !== undefined; lane = open.pop()) {
    if ((lane.endedAt === null || lane.endedAt >= left) && lane.from * CELL_MS <= right) out.push(lane);
    const own = children.get(lane.id);
    if (own !== undefined) open.push(...own.sort((a, b) => b.id - a.id));
  }
  return out;
}
