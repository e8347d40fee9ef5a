import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { shellTexts } from '../i18n/shell';
import { endAll } from '../state/actions';
import { store } from '../state/store';

/** A second click within that time confirms. */
const CONFIRM_MS = 3000;

/** Ends every process but the server, at the second click. */
export function EndAll(): JSX.Element | null {
  const t = shellTexts();
  const asked = useSignal(false);
  useEffect(() => {
    if (!asked.value) return undefined;
    const timer = setTimeout(() => (asked.value = false), CONFIRM_MS);
    return () => clearTimeout(timer);
  }, [asked.value]);
  store.structure.value; // eslint-disable-line @typescript-eslint/no-unused-expressions -- subscribes
  const others = store.processes.size - 1;
  return (
    <button
      type="button"
      class={`button end-all ${asked.value ? 'danger' : 'plain'}`}
      disabled={others < 1}
      onClick={() => {
        if (asked.value) void endAll();
        asked.value = !asked.value;
      }}
    >
      {asked.value ? t.endAllSure(others) : t.endAll}
    </button>
  );
}
