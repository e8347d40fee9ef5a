/** The one animation-frame scheduler: data mark what is dirty, the frame draws it. Nothing runs in a hidden tab. */

export interface Drawer {
  /** Draw in the next frame; many marks before it are one. */
  mark(): void;
  dispose(): void;
}

const dirty = new Set<(now: number) => void>();
let requested = 0;

function request(draw: (now: number) => void): void {
  dirty.add(draw);
  if (requested === 0) requested = requestAnimationFrame(run);
}

function run(now: number): void {
  requested = 0;
  const due = [...dirty];
  dirty.clear();
  let failed: { readonly error: unknown } | undefined;
  for (const draw of due) {
    try {
      draw(now);
    } catch (error) {
      failed ??= { error };
    }
  }
  // The others were drawn all the same; the console, and the tests, still hear of it.
  if (failed !== undefined) throw failed.error;
}

/** Registers draw, to be called once in each frame after a mark. now is the frame's time as rAF gives it, in ms. */
export function drawer(draw: (now: number) => void): Drawer {
  const own = (now: number): void => draw(now);
  return {
    mark: () => request(own),
    dispose: () => {
      dirty.delete(own);
    },
  };
}

/** Runs f once, in the next frame. */
export function nextFrame(f: () => void): void {
  request(f);
}
