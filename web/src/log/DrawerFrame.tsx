import type { ComponentChildren, JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { logTexts } from '../i18n/log';
import { Cross } from '../shell/icons';
import { openDrawer } from '../state/ui';
import './log.css';

interface Props {
  readonly id: string;
  readonly title: string;
  /** beside the title */
  readonly tools?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** Title, tools and close button of a strip under the map. It takes the focus and gives it back when it closes. */
export function DrawerFrame({ id, title, tools, children }: Props): JSX.Element {
  const box = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    const el = box.current;
    const from = document.activeElement;
    el?.focus({ preventScroll: true });
    return () => {
      const inside = el === null || el.contains(document.activeElement) || document.activeElement === document.body;
      if (inside && from instanceof HTMLElement) from.focus({ preventScroll: true });
    };
  }, []);
  return (
    <section class="log-drawer" ref={box} tabIndex={-1} aria-labelledby={`${id}-title`}>
      <div class="log-head">
        <h2 id={`${id}-title`}>{title}</h2>
        {tools}
        <span class="push" />
        <button type="button" class="icon-button" aria-label={logTexts().close} onClick={() => (openDrawer.value = null)}>
          <Cross />
        </button>
      </div>
      {children}
    </section>
  );
}
