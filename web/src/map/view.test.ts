import { describe, expect, it } from 'vitest';
import { fit, inSight, reveal, settle, zoom, type Camera } from './camera';
import { layout } from './layout';
import type { Seed } from './structure';
import { waffleOf, type Mark } from './waffle';
import { walk } from './walk';

const room = { x: 16, y: 12, w: 1248, h: 530 };

describe('camera', () => {
  it('grows a small scene to 1.3 at most and centres it', () => {
    expect(fit({ x: 0, y: -76, w: 184, h: 152 }, room, 'L', undefined)).toMatchObject({ k: 1.3 });
    const camera = fit({ x: 0, y: -76, w: 184, h: 152 }, room, 'L', undefined);
    expect(camera.x + 92 * camera.k).toBeCloseTo(room.x + room.w / 2, 0);
    expect(camera.y).toBeCloseTo(room.y + room.h / 2, 0);
  });

  it('never shrinks text: a large scene begins at its left edge with the root in view', () => {
    const bounds = { x: 0, y: -2000, w: 3000, h: 4000 };
    const camera = fit(bounds, room, 'S', { x: 0, y: 500, w: 148, h: 58 });
    expect(camera.k).toBe(1);
    expect(camera.x).toBe(room.x);
    expect(camera.y + 529).toBeCloseTo(room.y + room.h / 2, 0);
  });

  it('stays where nothing forces it to move', () => {
    const bounds = { x: 0, y: -200, w: 800, h: 400 };
    const inside: Camera = { x: 100, y: 260, k: 1 };
    expect(settle(inside, bounds, room)).toEqual(inside);
    expect(settle({ x: -300, y: 260, k: 1 }, bounds, room).x).toBe(room.x);
  });

  it('zooms about a point that keeps its place, from 1 on', () => {
    const camera: Camera = { x: 40, y: 300, k: 1 };
    const zoomed = zoom(camera, 1.5, 640, 200);
    expect((640 - zoomed.x) / zoomed.k).toBeCloseTo(600);
    expect((200 - zoomed.y) / zoomed.k).toBeCloseTo(-100);
    expect(zoom(camera, 0.1, 0, 0).k).toBe(1);
  });

  it('reveals with the smallest move, and lets no hand lose the scene', () => {
    const camera: Camera = { x: 0, y: 0, k: 1 };
    expect(reveal(camera, { x: 300, y: 100, w: 200, h: 60 }, room)).toEqual(camera);
    expect(reveal(camera, { x: 1300, y: 100, w: 200, h: 60 }, room)).toEqual({ x: 1264 - 1516, y: 0, k: 1 });
    const lost = inSight({ x: 99_999, y: 0, k: 1 }, { x: 0, y: 0, w: 300, h: 300 }, room);
    expect(lost.x).toBeLessThan(room.x + room.w);
  });
});

describe('walk', () => {
  const seed = (id: number, parent: number, alike = `p${id}`): Seed => ({ id, parent, alike, label: alike, adopted: false });
  const crowd = Array.from({ length: 70 }, (_, i) => seed(100 + i, 3, 'wait'));
  const scene = layout([seed(1, 0), seed(2, 1), seed(3, 1), seed(4, 2), ...crowd], {
    density: 'S',
    unfolded: new Set(),
    previous: null,
    anchor: null,
  });
  const stack = 'b3:wait';

  it('follows the tree: right to a child, left to the parent, up and down as it stands', () => {
    expect(scene.order).toEqual([1, 2, 4, 3, stack]);
    expect(walk(scene, 1, 'right')).toBe(2);
    expect(walk(scene, 4, 'left')).toBe(2);
    expect(walk(scene, 4, 'down')).toBe(3);
    expect(walk(scene, 3, 'right')).toBe(stack);
    expect(walk(scene, stack, 'left')).toBe(3);
    expect(walk(scene, stack, 'first')).toBe(1);
    expect(walk(scene, 1, 'last')).toBe(stack);
  });

  it('stays at the ends, and starts at the root from nowhere', () => {
    expect(walk(scene, 1, 'up')).toBe(1);
    expect(walk(scene, 1, 'left')).toBe(1);
    expect(walk(scene, 4, 'right')).toBe(4);
    expect(walk(scene, 999, 'down')).toBe(1);
  });
});

describe('waffleOf', () => {
  it('makes one path for each state, whatever the number, and counts them', () => {
    const computing: Mark = { key: 'computing', shape: 'circle', filled: true };
    const ready: Mark = { key: 'ready', shape: 'circle', filled: false };
    const { groups } = waffleOf([ready, ...Array.from({ length: 127 }, (_, i) => (i % 40 === 0 ? computing : ready))], 32);
    expect(groups.map(({ mark, count }) => [mark.key, count])).toEqual([['computing', 4], ['ready', 124]]);
    expect(groups[0]!.d.match(/M/g)).toHaveLength(4);
    expect(groups[1]!.d.startsWith('M3 7.5')).toBe(true); // the first process is the first mark
  });
});
