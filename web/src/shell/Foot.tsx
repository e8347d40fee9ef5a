import type { JSX } from 'preact';
import { shellTexts } from '../i18n/shell';
import { timelineTexts } from '../i18n/timeline';
import { mayAct } from '../state/actions';
import { openDrawer, toggleDrawer, type DrawerName } from '../state/ui';
import { EndAll } from './EndAll';
import { phone } from './phone';
import { RefusalNote } from './RefusalNote';
import { Repeat } from './Repeat';
import { Tabs } from './Tabs';
import { TimeControl } from './TimeControl';

/** Drawers, and last and apart what ends everything. On a phone the tabs stand here too. */
export function Foot(): JSX.Element {
  const t = shellTexts();
  return (
    <footer class="foot">
      {phone.value ? <Tabs /> : <TimeControl />}
      <span class="push" />
      <div class="foot-refusal">
        <RefusalNote spot="foot" />
      </div>
      <DrawerButton name="timeline" label={timelineTexts().timeline} />
      <DrawerButton name="log" label={t.log} />
      <DrawerButton name="consoles" label={t.consoles} />
      {mayAct.value && !phone.value && <Repeat />}
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
