import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { language } from '../i18n';
import { shellTexts } from '../i18n/shell';
import { Inspector } from '../inspector/Inspector';
import { ConsoleDrawer } from '../log/ConsoleDrawer';
import { LogDrawer } from '../log/LogDrawer';
import { MapView } from '../map/MapView';
import { mayAct } from '../state/actions';
import { store } from '../state/store';
import { openDrawer, view } from '../state/ui';
import { TableView } from '../table/TableView';
import { Timeline } from '../timeline/Timeline';
import { Announcer } from './Announcer';
import './app.css';
import { Banner } from './Banner';
import { Foot } from './Foot';
import './forms.css';
import { Header } from './Header';
import { Help } from './Help';
import { useKeys } from './keys';
import { SpawnDrawer } from './SpawnDrawer';
import { Tiles } from './Tiles';
import { Toolbar } from './Toolbar';

/** Header, at most three regions (a drawer, the view, the inspector), foot. */
export function App(): JSX.Element {
  const field = useRef<HTMLInputElement>(null);
  const t = shellTexts();
  useKeys(field);
  useEffect(() => {
    document.documentElement.lang = language.value;
    document.title = t.title;
  }, [language.value]);
  const drawer = openDrawer.value;
  return (
    <div class="app">
      <Header />
      <Banner />
      <div class="middle">
        {drawer === 'spawn' && mayAct.value && <SpawnDrawer />}
        <main class="stage">
          <Toolbar field={field} />
          <div class="view" id="view" role="tabpanel" aria-labelledby={`tab-${view.value}`}>
            {view.value === 'map' ? <MapView /> : <TableView />}
          </div>
          <Tiles />
          {drawer === 'timeline' && (
            <div class="strip tall">
              <Timeline />
            </div>
          )}
          {drawer === 'log' && (
            <div class="strip">
              <LogDrawer />
            </div>
          )}
          {drawer === 'consoles' && (
            <div class="strip">
              <ConsoleDrawer />
            </div>
          )}
        </main>
        {(store.selected.value !== null || store.selectedChannel.value !== null) && (
          <aside class="inspector-place" aria-label={t.inspector}>
            <Inspector />
          </aside>
        )}
      </div>
      <Foot />
      <Help />
      <Announcer />
    </div>
  );
}
