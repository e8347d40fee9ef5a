import type { JSX, RefObject } from 'preact';
import { shellTexts } from '../i18n/shell';
import { mayAct, newChild } from '../state/actions';
import { ROOT, store } from '../state/store';
import { openDrawer, search, view } from '../state/ui';
import { EndAll } from './EndAll';
import { Viewers } from './Header';
import { Eye } from './icons';
import { phone } from './phone';
import { Tabs } from './Tabs';
import { HeldNote, TimeControl } from './TimeControl';

/** What is done with the view, and the one button that makes processes. */
export function Toolbar({ field }: { readonly field: RefObject<HTMLInputElement> }): JSX.Element {
  const t = shellTexts();
  return (
    <div class="toolbar">
      {mayAct.value && (
        <button
          type="button"
          class="button"
          aria-expanded={openDrawer.value === 'spawn'}
          onClick={() => {
            if (openDrawer.value === 'spawn') openDrawer.value = null;
            else newChild(ROOT);
          }}
        >
          {t.create}
        </button>
      )}
      {store.role.value === 'viewer' && (
        <span class="viewer-note">
          <Eye />
          {t.viewer}
        </span>
      )}
      {!phone.value && <Count />}
      <Missed />
      <HeldNote />
      <span class="frozen-note" role="status">
        {store.frozen.value && t.frozen}
      </span>
      <span class="push" />
      {phone.value && store.role.value === 'viewer' && <Viewers />}
      {phone.value && mayAct.value && <EndAll />}
      {phone.value && mayAct.value && <TimeControl />}
      {(!phone.value || view.value === 'table') && (
        <input
          ref={field}
          class="search"
          type="search"
          placeholder={`/\u2003${t.search}`}
          aria-label={t.search}
          value={search.value}
          onInput={(e) => (search.value = e.currentTarget.value)}
          onKeyDown={(e) => {
            if (e.key !== 'Escape') return;
            search.value = '';
            e.currentTarget.blur();
            e.stopPropagation();
          }}
        />
      )}
      {(!phone.value || view.value === 'table') && <Freeze />}
      {!phone.value && <Tabs />}
    </div>
  );
}

function Freeze(): JSX.Element {
  const t = shellTexts();
  const frozen = store.frozen.value;
  return (
    <button type="button" class="button" aria-pressed={frozen} onClick={() => (store.frozen.value = !frozen)}>
      {t.freeze}
    </button>
  );
}

function Count(): JSX.Element {
  store.structure.value; // eslint-disable-line @typescript-eslint/no-unused-expressions -- subscribes
  return <span class="count">{shellTexts().count(store.processes.size)}</span>;
}

/** What the count may lack, where the kernel's events are not to be had. */
function Missed(): JSX.Element | null {
  const t = shellTexts();
  const observer = store.observer.value;
  if (observer === null) return null;
  const few = observer.missed ?? 0;
  if (few === 0 && observer.events) return null;
  return (
    <span class="missed" title={t.missedWhy}>
      {few > 0 ? t.missed(few) : t.missable}
    </span>
  );
}
