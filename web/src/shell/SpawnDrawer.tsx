import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { workloadName } from '../i18n/names';
import { spawnTexts } from '../i18n/spawn';
import { workloadSummary } from '../i18n/workloads';
import { start } from '../state/actions';
import { store } from '../state/store';
import { openDrawer, spawnParent } from '../state/ui';
import { loadWorkloads, workloads, workloadsError } from '../state/workloads';
import type { Workload } from '../wire';
import { Cross } from './icons';
import { ParamField, valueOf } from './ParamField';
import { ParentField } from './ParentField';
import { RefusalNote } from './RefusalNote';

/** Starts processes: what, with which parameters, how many, under whom. The form is made from what the server offers. */
export function SpawnDrawer(): JSX.Element {
  const t = spawnTexts();
  useEffect(() => void loadWorkloads(), []);
  const list = workloads.value;
  return (
    <section class="drawer spawn" aria-labelledby="spawn-title">
      <div class="drawer-head">
        <h2 id="spawn-title">{t.title}</h2>
        <button type="button" class="icon-button" aria-label={t.close} onClick={() => (openDrawer.value = null)}>
          <Cross />
        </button>
      </div>
      {list !== null && list.length > 0 ? (
        <SpawnForm list={list} />
      ) : workloadsError.value !== '' ? (
        <div role="alert">
          <p class="refusal">{workloadsError.value}</p>
          <button type="button" class="button" onClick={() => void loadWorkloads()}>
            {t.again}
          </button>
        </div>
      ) : (
        <p class="quiet">{t.loading}</p>
      )}
    </section>
  );
}

function SpawnForm({ list }: { readonly list: readonly Workload[] }): JSX.Element | null {
  const t = spawnTexts();
  const name = useSignal(list[0]?.name ?? '');
  /** what was typed, by workload and parameter; what is absent is the default */
  const typed = useSignal<Readonly<Record<string, string>>>({});
  const count = useSignal('1');
  const busy = useSignal(false);
  const workload = list.find((w) => w.name === name.value);
  if (workload === undefined) return null;

  const submit = async (e: Event): Promise<void> => {
    e.preventDefault();
    if (busy.value) return;
    busy.value = true;
    const params = Object.fromEntries(
      workload.params
        .filter((p) => typed.value[`${workload.name}.${p.name}`] !== undefined)
        .map((p) => [p.name, valueOf(p, typed.value[`${workload.name}.${p.name}`] ?? '')]),
    );
    await start([{ workload: workload.name, params, parent: spawnParent.value, count: Number(count.value) }], 'spawn');
    busy.value = false;
  };

  return (
    <form class="spawn-form" onSubmit={(e) => void submit(e)}>
      <fieldset class="workloads">
        <legend>{t.what}</legend>
        {list.map((w) => (
          <label key={w.name} class="workload">
            <input type="radio" name="workload" value={w.name} checked={w.name === name.value} onChange={() => (name.value = w.name)} />
            <span>{workloadName(w.name)}</span>
          </label>
        ))}
      </fieldset>
      <p class="quiet spawn-summary">{workloadSummary(workload.name, workload.summary)}</p>
      {workload.params.map((p) => (
        <ParamField
          key={`${workload.name}.${p.name}`}
          workload={workload.name}
          param={p}
          value={typed.value[`${workload.name}.${p.name}`] ?? String(p.default)}
          onChange={(value) => (typed.value = { ...typed.value, [`${workload.name}.${p.name}`]: value })}
        />
      ))}
      <label class="field">
        <span class="field-name">{t.count}</span>
        <input
          type="number"
          required
          min={1}
          max={store.machine.value?.cap ?? 256}
          value={count.value}
          onInput={(e) => (count.value = e.currentTarget.value)}
        />
      </label>
      <ParentField />
      <RefusalNote spot="spawn" />
      <button type="submit" class="button primary" aria-disabled={busy.value}>
        {busy.value ? t.busy : t.start(Number(count.value) || 1)}
      </button>
    </form>
  );
}
