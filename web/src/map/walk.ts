/** Where an arrow key leads in the tree, as the ARIA tree pattern has it. Pure. */

import type { Scene } from './scene';

/** A card by its process's id, a folded stack by its key. */
export type Stop = number | string;

export type Step = 'up' | 'down' | 'left' | 'right' | 'first' | 'last';

export const STEPS: Readonly<Record<string, Step>> = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'left',
  ArrowRight: 'right',
  Home: 'first',
  End: 'last',
};

/** The stop after `step` from `from`; `from` itself where there is none. */
export function walk(scene: Scene, from: Stop, step: Step): Stop {
  const { order } = scene;
  const at = order.indexOf(from);
  if (at < 0) return order[0] ?? from;
  switch (step) {
    case 'up':
      return order[at - 1] ?? from;
    case 'down':
      return order[at + 1] ?? from;
    case 'first':
      return order[0] ?? from;
    case 'last':
      return order[order.length - 1] ?? from;
    case 'left':
      return scene.spots.has(parentOf(scene, from)) ? parentOf(scene, from) : from;
    case 'right':
      return order.find((stop) => parentOf(scene, stop) === from) ?? from;
  }
}

function parentOf(scene: Scene, stop: Stop): number {
  return (typeof stop === 'number' ? scene.parents.get(stop) : scene.beds.get(stop)?.parent) ?? 0;
}
