import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { processName } from '../i18n/names';
import { mapTexts } from '../i18n/map';
import { ActionMenu, menu } from '../menu/ActionMenu';
import { offersFor } from '../menu/offers';
import { phone } from '../shell/phone';
import { dismissRefusal, mayAct, refusal } from '../state/actions';
import { store } from '../state/store';
import { search } from '../state/ui';
import { BedNames, Boughs } from './Boughs';
import { Card } from './Card';
import { Flyers, Lines, Vessels } from './Channels';
import { flights } from './flights';
import { Legend } from './Legend';
import './map.css';
import { plot } from './plot';
import type { Scene } from './scene';
import { plainName } from './seeds';
import { Stack } from './Stack';
import { Stage } from './stage';
import type { Stop } from './walk';

/** The map: who and with whom. */
export function MapView(): JSX.Element {
  const view = useRef<HTMLDivElement>(null);
  const sceneElement = useRef<HTMLDivElement>(null);
  const [stage, setStage] = useState<Stage | null>(null);
  const tabStop = useSignal<Stop>(1);
  const t = mapTexts();

  useLayoutEffect(() => {
    if (view.current === null || sceneElement.current === null) return;
    const made = new Stage(plot, view.current, sceneElement.current);
    const landed = flights.attach(sceneElement.current);
    setStage(made);
    return () => {
      made.dispose();
      landed();
    };
  }, []);

  const scene = plot.scene.value;
  // What Tab reaches: where the focus was last, else the root.
  const stop = scene?.order.includes(tabStop.value) === true ? tabStop.value : scene?.order[0];

  // The focused card has ended and left: the focus goes to where the next key makes sense, not to the page's start.
  const focused = useRef<Stop | null>(null);
  useEffect(() => {
    if (scene === null || focused.current === null || scene.order.includes(focused.current)) return;
    const lost = focused.current;
    focused.current = null;
    if (document.activeElement !== null && document.activeElement !== document.body) return;
    stage?.focus(heirOf(lost, scene));
  }, [scene]);
  useEffect(() => {
    if (scene) for (const [id, parent] of scene.parents) lastParent.set(id, parent);
    if (scene) for (const id of lastParent.keys()) if (!scene.parents.has(id)) lastParent.delete(id);
  }, [scene]);

  return (
    <div
      ref={view}
      class={`map${phone.value ? ' column' : ''}`}
      onFocusIn={(event) => {
        const at = stopOf(event.target);
        if (at === null) return;
        tabStop.value = at;
        focused.current = at;
      }}
      onFocusOut={(event) => {
        if (event.relatedTarget !== null) focused.current = null;
      }}
    >
      <div ref={sceneElement} class={`scene${scene ? ` density-${scene.density}` : ''}`}>
        {scene && (
          <>
            {scene.density === 'column' && <i class="extent" style={{ height: `${scene.bounds.y + scene.bounds.h + 12}px` }} />}
            <Boughs scene={scene} />
            <Lines scene={scene} />
            <Cards scene={scene} stop={stop} />
            <Vessels scene={scene} />
            <BedNames scene={scene} />
            <More scene={scene} stage={stage} />
            <Refused scene={scene} />
            <Empty scene={scene} />
          </>
        )}
        <Flyers />
      </div>
      {phone.value && <Legend />}
      {!phone.value && scene && stage?.loose.value === true && (
        <div class="map-tools" role="group" aria-label={t.map}>
          <button type="button" class="button" title={t.zoomOut} aria-label={t.zoomOut} onClick={() => stage.zoomBy(1 / 1.15)}>
            −
          </button>
          <button type="button" class="button" title={t.zoomIn} aria-label={t.zoomIn} onClick={() => stage.zoomBy(1.15)}>
            +
          </button>
          <button type="button" class="button" title={t.fitHint} onClick={() => stage.fit()}>
            {t.fit}
          </button>
        </div>
      )}
      <ActionMenu />
    </div>
  );
}

/** Who gets the focus of a stop that is no more: what took its place, else its parent, else the root. */
function heirOf(lost: Stop, scene: Scene): Stop {
  if (typeof lost === 'string') {
    const unfolded = scene.beds.get(lost);
    return unfolded?.ids[0] ?? scene.order[0] ?? 1;
  }
  for (const bed of scene.beds.values()) if (bed.folded && bed.ids.includes(lost)) return bed.key;
  const parent = lastParent.get(lost);
  return parent !== undefined && scene.spots.has(parent) ? parent : (scene.order[0] ?? 1);
}

/** Parent's id of every id in the last scene. */
const lastParent = new Map<number, number>();

function stopOf(target: EventTarget | null): Stop | null {
  if (!(target instanceof HTMLElement)) return null;
  const { id, stack } = target.dataset;
  return stack ?? (id === undefined || !target.classList.contains('card') ? null : Number(id));
}

function Cards({ scene, stop }: { readonly scene: Scene; readonly stop: Stop | undefined }): JSX.Element {
  const selected = store.selected.value;
  const wanted = search.value.trim().toLocaleLowerCase();
  return (
    <div class="cards" role="tree" aria-label={mapTexts().tree}>
      {scene.order.map((at) => {
        if (typeof at === 'number') {
          const spot = scene.spots.get(at);
          if (!spot) return null;
          return (
            <Card
              key={at}
              spot={spot}
              selected={selected === at}
              stop={stop === at}
              fresh={plot.fresh.has(at)}
              found={wanted === '' || matches(at, wanted)}
            />
          );
        }
        const bed = scene.beds.get(at);
        if (!bed) return null;
        return (
          <Stack
            key={at}
            bed={bed}
            selected={selected !== null && bed.ids.includes(selected)}
            stop={stop === at}
            found={wanted === '' || bed.ids.some((id) => matches(id, wanted))}
          />
        );
      })}
    </div>
  );
}

/** Search finds by the name that is shown and by pid. */
function matches(id: number, wanted: string): boolean {
  const row = store.row(id).peek();
  if (row === undefined) return false;
  return String(row.pid).startsWith(wanted) || processName(row).toLocaleLowerCase().includes(wanted);
}

/** One button for all cards: it stands on the one that is near the hand. */
function More({ scene, stage }: { readonly scene: Scene; readonly stage: Stage | null }): JSX.Element | null {
  const id = plot.near.value;
  const spot = id === null ? undefined : scene.spots.get(id);
  const row = id === null ? undefined : store.row(id).value;
  if (!stage || id === null || !spot || !row || !mayAct.value || offersFor(row, 0).length === 0) return null;
  const small = spot.h < 60;
  // A finger needs more: there the button is as high as a card in a bed.
  const [left, top] = scene.density === 'column' ? [46, 2] : [44, small ? spot.h - 36 : 7];
  return (
    <button
      type="button"
      class="more"
      tabIndex={-1}
      aria-label={mapTexts().actions(plainName(row), row.pid)}
      aria-haspopup="menu"
      aria-expanded={menu.value?.id === id}
      style={{ transform: `translate(${spot.x + spot.w - left}px, ${spot.y + top}px)` }}
      onClick={() => stage.openAtCard(id)}
    >
      <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" focusable="false">
        <path d="M4 10h.01M10 10h.01M16 10h.01" />
      </svg>
    </button>
  );
}

/** As in map.css. */
const REFUSAL_WIDTH = 320;

/** The server's sentence beside the card that it is about. */
function Refused({ scene }: { readonly scene: Scene }): JSX.Element {
  const r = refusal.value;
  const mine = r !== null && r.spot === 'map' ? r : null;
  const spot = mine?.id == null ? undefined : scene.spots.get(mine.id);
  const at = spot ?? [...scene.spots.values()][0];
  // To the left of the card's right edge where there is room: what stands far right is at the window's edge.
  const right = at !== undefined && at.x > REFUSAL_WIDTH;
  const x = at === undefined ? 0 : right ? at.x + at.w - REFUSAL_WIDTH : at.x;
  return (
    <div
      class={right ? 'map-refusal right' : 'map-refusal'}
      role="alert"
      style={at ? { transform: `translate(${x}px, ${at.y + at.h + 6}px)` } : undefined}
    >
      {mine && (
        <p class="refusal">
          {mine.sentence}
          <button type="button" class="refusal-close" aria-label={mapTexts().dismiss} onClick={dismissRefusal}>
            ×
          </button>
        </p>
      )}
    </div>
  );
}

/** Only the root: calm, and a word on what comes here. */
function Empty({ scene }: { readonly scene: Scene }): JSX.Element | null {
  if (scene.parents.size !== 1) return null;
  const t = mapTexts();
  const root = [...scene.spots.values()][0];
  if (!root) return null;
  return (
    <p class="map-empty" style={{ transform: `translate(${scene.density === 'column' ? root.x : root.x + root.w / 2 - 160}px, ${root.y + root.h + 14}px)` }}>
      <b>{t.emptyTitle}</b>
      {store.role.value === 'viewer' ? t.emptyViewer : t.empty}
    </p>
  );
}
