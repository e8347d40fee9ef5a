/** A slow clock for what is told in seconds: ages, and charts of processes in which nothing changes. */
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { store } from './store';

/** ms since the epoch by the server's clock, anew each second while anybody uses it, the tab is visible and the view not frozen. */
export const second = signal(0);

let users = 0;
let timer: ReturnType<typeof setInterval> | undefined;

function tick(): void {
  if (!document.hidden && !store.frozen.peek()) second.value = store.at;
}

/** Keeps the clock going while the component is there. */
export function useSecond(): void {
  useEffect(() => {
    tick();
    if (++users === 1) timer = setInterval(tick, 1000);
    return () => {
      if (--users === 0) clearInterval(timer);
    };
  }, []);
}
