import type { JSX } from 'preact';
import { shellTexts } from '../i18n/shell';
import { mayAct } from '../state/actions';
import { openDrawer, toggleDrawer, type DrawerName } from '../state/ui';
import { EndAll } from './EndAll';
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
      <DrawerButton name="consoles" label={t.consoles} />
      {mayAct.value && !phone.value && <EndAll />}
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
