import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { shellTexts } from '../i18n/shell';
import { view, type View } from '../state/ui';

const VIEWS: readonly View[] = ['map', 'table'];

/** Map or table: a tab list; arrow keys move and choose at once. */
export function Tabs(): JSX.Element {
  const t = shellTexts();
  const list = useRef<HTMLDivElement>(null);
  const choose = (next: View): void => {
    view.value = next;
    list.current?.querySelector<HTMLElement>(`#tab-${next}`)?.focus();
  };
  const onKeyDown = (e: KeyboardEvent): void => {
    if (e.key !== 'ArrowRight' && e.key !== 'ArrowLeft') return;
    e.preventDefault();
    choose(view.value === 'map' ? 'table' : 'map');
  };
  return (
    <div class="tabs" role="tablist" aria-label={t.views} ref={list} onKeyDown={onKeyDown}>
      {VIEWS.map((name) => (
        <button
          key={name}
          id={`tab-${name}`}
          type="button"
          role="tab"
          class="tab"
          aria-selected={view.value === name}
          aria-controls="view"
          tabIndex={view.value === name ? 0 : -1}
          onClick={() => choose(name)}
        >
          {t[name]}
        </button>
      ))}
    </div>
  );
}
