import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { shellTexts } from '../i18n/shell';
import { store } from '../state/store';

/** Never more often: a screen reader has to finish a sentence. */
const EVERY_MS = 4000;

/** Tells screen readers what began and ended, summed up. */
export function Announcer(): JSX.Element {
  const text = useSignal('');
  useEffect(() => {
    let seen: number | null = null;
    const timer = setInterval(() => {
      const events = store.events.peek();
      const newest = events[events.length - 1]?.seq ?? 0;
      const fresh = seen === null ? [] : events.filter((e) => e.seq > (seen ?? 0));
      seen = newest;
      const t = shellTexts();
      const started = fresh.filter((e) => e.kind === 'spawned').length;
      const finished = fresh.filter((e) => e.kind === 'exited').length;
      const parts = [started > 0 ? t.started(started) : '', finished > 0 ? t.finished(finished) : ''];
      text.value = parts.filter((part) => part !== '').join(', ');
    }, EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <div class="hidden-text" role="status">
      {text.value}
    </div>
  );
}
