/** The slow, full look at one process: once a second, only while somebody looks at it and the tab is visible. */
import { useEffect, useState } from 'preact/hooks';
import { api, Refused } from '../state/api';
import { store } from '../state/store';
import type { Details } from '../wire';

export interface Look {
  /** the last one that succeeded; stays when the process has ended */
  readonly details: Details | null;
  /** the server's sentence when it could not look, '' otherwise */
  readonly problem: string;
}

/** ms between two looks */
const EVERY = 1000;

/** Looks at id again and again while alive is true; the last look is kept after that. */
export function useDetails(id: number, alive: boolean): Look {
  const [look, setLook] = useState<Look>({ details: null, problem: '' });
  useEffect(() => {
    if (!alive) return;
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const again = async (): Promise<void> => {
      clearTimeout(timer);
      if (!document.hidden && !store.frozen.peek() && store.status.peek() === 'live') {
        try {
          const details = await api.details(id);
          if (!over) setLook({ details, problem: '' });
        } catch (error) {
          // That it is gone is told by the tree itself, with how it ended.
          const gone = error instanceof Refused && error.status === 404;
          if (!over && !gone) setLook((old) => ({ ...old, problem: error instanceof Error ? error.message : String(error) }));
        }
      }
      if (!over) timer = setTimeout(() => void again(), EVERY);
    };
    const onShow = (): void => {
      if (!document.hidden) void again();
    };
    void again();
    document.addEventListener('visibilitychange', onShow);
    return () => {
      over = true;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onShow);
    };
  }, [id, alive]);
  return look;
}
