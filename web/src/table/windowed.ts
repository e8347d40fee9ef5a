/** Which lines of a long list of equal height are in sight, so that only those exist in the document. */
import { useLayoutEffect, useState } from 'preact/hooks';
import type { RefObject } from 'preact';

export interface Window {
  /** first line to render */
  readonly from: number;
  /** one past the last */
  readonly to: number;
}

/** Window, and the width of the box in px. */
export interface Seen extends Window {
  readonly width: number;
}

/** Lines rendered beyond either edge, so that scrolling shows no gap. */
const SPARE = 6;

/** The lines in sight of a box that is height high and scrolled by top; all in px. */
export function windowOf(top: number, height: number, line: number, count: number): Window {
  const from = Math.max(0, Math.floor(top / line) - SPARE);
  const to = Math.min(count, Math.ceil((top + height) / line) + SPARE);
  return { from: Math.min(from, Math.max(0, to)), to };
}

/** Follows the scrolling and the size of box. line: height of a line, count: how many there are. */
export function useWindow(box: RefObject<HTMLElement>, line: number, count: number): Seen {
  const [{ top, height, width }, see] = useState({ top: 0, height: 800, width: 1280 });
  useLayoutEffect(() => {
    const el = box.current;
    if (el === null) return;
    const look = (): void => {
      see((old) => {
        // Whole steps only: within a line nothing new comes into sight.
        const next = { top: Math.floor(el.scrollTop / line) * line, height: el.clientHeight, width: el.clientWidth };
        return old.top === next.top && old.height === next.height && old.width === next.width ? old : next;
      });
    };
    look();
    el.addEventListener('scroll', look, { passive: true });
    const sizes = new ResizeObserver(look);
    sizes.observe(el);
    return () => {
      el.removeEventListener('scroll', look);
      sizes.disconnect();
    };
  }, [box, line]);
  // A list that became shorter is scrolled back by the browser a moment later: never show nothing meanwhile.
  return { ...windowOf(Math.min(top, Math.max(0, count * line - height)), height, line, count), width };
}
