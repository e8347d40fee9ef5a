import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { shellTexts } from '../i18n/shell';
import { endAll, mayAct } from '../state/actions';
import { store } from '../state/store';
import { openDrawer, toggleDrawer, type DrawerName } from '../state/ui';
import { phone } from './phone';
import { RefusalNote } from './RefusalNote';
import { Tabs } from './Tabs';

/** Drawers, and last and apart what ends everything. On a phone the tabs stand here too. */
export function Foot(): JSX.Element {
  const t = shellTexts();
  return (
    <footer class="foot">
      {phone.value && <Tabs />}
      <span class="push" />
      <RefusalNote spot="foot" />
      <DrawerButton name="log" label={t.log} />
      {!phone.value && <DrawerButton name="consoles" label={t.consoles} />}
      {mayAct.value && <EndAll />}
    </footer>
  );
}

function DrawerButton({ name, label }: { readonly name: DrawerName; readonly label: string }): JSX.Element {
  return (
    <button type="button" class="button plain" aria-expanded={openDrawer.value === name} onClick={() => toggleDrawer(name)}>
      {label}
    </button>
  );
}

/** A second click within that time confirms. */
const CONFIRM_MS = 3000;

function EndAll(): JSX.Element | null {
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
