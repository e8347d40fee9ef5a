import type { JSX } from 'preact';
import { Inspector } from '../inspector/Inspector';
import { ConsoleDrawer } from '../log/ConsoleDrawer';
import { LogDrawer } from '../log/LogDrawer';
import { MapView } from '../map/MapView';
import { openDrawer, view } from '../state/ui';
import { TableView } from '../table/TableView';

export function App(): JSX.Element {
  return (
    <div class="app">
      <main class="main">{view.value === 'map' ? <MapView /> : <TableView />}</main>
      <Inspector />
      {openDrawer.value === 'log' && <LogDrawer />}
      {openDrawer.value === 'consoles' && <ConsoleDrawer />}
    </div>
  );
}
