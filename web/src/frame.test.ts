import { afterEach, expect, it, vi } from 'vitest';
import { drawer, nextFrame } from './frame';

let queued: FrameRequestCallback[] = [];
vi.stubGlobal('requestAnimationFrame', (f: FrameRequestCallback) => queued.push(f));
const frame = (): void => queued.splice(0).forEach((f) => f(16));
afterEach(() => (queued = []));

it('many marks are one draw, in one frame for all', () => {
  const a = vi.fn();
  const b = vi.fn();
  const first = drawer(a);
  const second = drawer(b);
  first.mark();
  first.mark();
  second.mark();
  expect(queued.length).toBe(1);
  expect(a).not.toHaveBeenCalled();
  frame();
  expect([a.mock.calls, b.mock.calls]).toEqual([[[16]], [[16]]]);
  frame();
  expect(a).toHaveBeenCalledTimes(1);
});

it('what is marked while drawing is drawn in the next frame', () => {
  let left = 2;
  const d = drawer(() => {
    if (--left > 0) d.mark();
  });
  d.mark();
  frame();
  expect(left).toBe(1);
  frame();
  expect(left).toBe(0);
});

it('disposed before the frame, it is not drawn', () => {
  const draw = vi.fn();
  const d = drawer(draw);
  d.mark();
  d.dispose();
  frame();
  expect(draw).not.toHaveBeenCalled();
});

it('one that fails does not keep the others from being drawn', () => {
  const draw = vi.fn();
  nextFrame(() => {
    throw new Error('of a view');
  });
  nextFrame(draw);
  expect(frame).toThrow('of a view');
  expect(draw).toHaveBeenCalledTimes(1);
});
