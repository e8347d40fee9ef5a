import type { ComponentChildren, JSX } from 'preact';
import { shellTexts } from '../i18n/shell';
import { mayAct, start } from '../state/actions';
import type { StartRequest } from '../state/api';
import { chosen } from '../state/demo';
import { ROOT, store } from '../state/store';
import { openDrawer, view, type DrawerName } from '../state/ui';
import { RefusalNote } from './RefusalNote';

/** Drawers that lie under the map, where the tiles are. */
const STRIPS: ReadonlySet<DrawerName | null> = new Set<DrawerName>(['timeline', 'log', 'consoles']);

/** True while the tiles are shown: until the first choice, and again when nothing runs; three regions are enough. */
export function tilesShown(): boolean {
  store.structure.value; // eslint-disable-line @typescript-eslint/no-unused-expressions -- subscribes
  const machine = store.machine.value;
  if (!mayAct.value || machine === null || machine.run || view.value !== 'map') return false;
  if (store.selected.value !== null || store.selectedChannel.value !== null || STRIPS.has(openDrawer.value)) return false;
  return store.processes.size <= 1 || !chosen.value;
}

/** Three ways to begin. */
export function Tiles(): JSX.Element | null {
  const t = shellTexts();
  if (!tilesShown()) return null;
  // Two a core, so that there is something to wait for; the cap of a small machine is no matter, it is 256.
  const count = 2 * Math.max(1, store.cores.value.length);
  return (
    <section class="tiles" aria-labelledby="tiles-title">
      <div class="tiles-head">
        <h2 id="tiles-title">{t.tryThis}</h2>
        <span class="quiet">{t.orClick}</span>
      </div>
      <RefusalNote spot="tiles" />
      <div class="tiles-row">
        <Tile title={t.tiles.cores} more={t.tiles.coresMore(count)} picture={<CoresPicture />} onClick={() => begin([{ workload: 'primes', count }])} />
        <Tile
          title={t.tiles.messages}
          more={t.tiles.messagesMore}
          picture={<MessagesPicture />}
          onClick={() => begin([{ workload: 'pipeline', params: { stages: 2 } }])}
        />
        <Tile title={t.tiles.tree} more={t.tiles.treeMore} picture={<TreePicture />} onClick={() => begin([{ workload: 'tree' }])} />
      </div>
    </section>
  );
}

const begin = (requests: readonly StartRequest[]): Promise<boolean> => start(requests.map((request) => ({ parent: ROOT, ...request })), 'tiles');

interface TileProps {
  readonly title: string;
  readonly more: string;
  readonly picture: ComponentChildren;
  readonly onClick: () => Promise<boolean>;
}

function Tile({ title, more, picture, onClick }: TileProps): JSX.Element {
  return (
    <button type="button" class="tile" onClick={() => void onClick()}>
      <svg width="72" height="60" viewBox="0 0 72 60" aria-hidden="true">
        {picture}
      </svg>
      <span class="tile-words">
        <span class="tile-title">{title}</span>
        <span class="tile-more">{more}</span>
      </span>
    </button>
  );
}

function CoresPicture(): JSX.Element {
  return (
    <>
      {[4, 21, 38, 55].map((x, i) => (
        <g key={x}>
          <rect class="pic-sunk" x={x} y="3" width="14" height="54" rx="2" />
          <rect class="pic-computing" x={x} y={i % 2 === 0 ? 6 : 3} width="14" height={i % 2 === 0 ? 51 : 54} rx="2" />
        </g>
      ))}
    </>
  );
}

function TreePicture(): JSX.Element {
  return (
    <>
      <path class="pic-stem" d="M14 30C26 30 24 14 36 14M14 30C26 30 24 46 36 46M40 14C50 14 50 7 60 7M40 14C50 14 50 21 60 21M40 46C50 46 50 39 60 39M40 46C50 46 50 53 60 53" />
      <rect class="pic-card" x="3" y="22" width="16" height="16" rx="4" />
      <rect class="pic-card" x="31" y="7" width="14" height="14" rx="4" />
      <rect class="pic-card" x="31" y="39" width="14" height="14" rx="4" />
      {[7, 21, 39, 53].map((y) => (
        <rect key={y} class="pic-card" x="57" y={y - 5.5} width="11" height="11" rx="3" />
      ))}
    </>
  );
}

function MessagesPicture(): JSX.Element {
  return (
    <>
      <path class="pic-chan" d="M0 30H8M58 30H64" />
      <path class="pic-arrow" d="M63 24L72 30L63 36z" />
      <rect class="pic-tube" x="8" y="14" width="50" height="32" rx="8" />
      {[19, 33, 47].map((x) => (
        <circle key={x} class="pic-dot" cx={x} cy="30" r="5.5" />
      ))}
    </>
  );
}
