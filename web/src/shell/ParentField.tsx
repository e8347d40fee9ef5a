import type { JSX } from 'preact';
import { processName } from '../i18n/names';
import { spawnTexts } from '../i18n/spawn';
import { ROOT, store } from '../state/store';
import { spawnParent } from '../state/ui';

/** Under whom the new ones start: Vivero or a worker of ours. One that has ended stays chosen; the server says no. */
export function ParentField(): JSX.Element {
  const t = spawnTexts();
  store.structure.value; // eslint-disable-line @typescript-eslint/no-unused-expressions -- subscribes
  const chosen = spawnParent.value;
  const workers = [...store.processes.values()].filter((p) => p.workload !== '' && p.id !== ROOT && p.state !== 'Z');
  const gone = chosen !== ROOT && !workers.some((p) => p.id === chosen);
  return (
    <label class="field">
      <span class="field-name">{t.parent}</span>
      <select value={String(chosen)} onChange={(e) => (spawnParent.value = Number(e.currentTarget.value))}>
        <option value={String(ROOT)}>{t.underVivero}</option>
        {gone && <option value={String(chosen)}>{t.gone}</option>}
        {workers.map((p) => (
          <option key={p.id} value={String(p.id)}>
            {processName(p)} · {p.pid}
          </option>
        ))}
      </select>
    </label>
  );
}
