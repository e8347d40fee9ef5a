import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';
import { mayAct, select } from '../state/actions';
import { store } from '../state/store';
import { pause, resume } from '../state/time';
import { helpOpen, openDrawer } from '../state/ui';

/** Keys that act anywhere. Those that act on a process belong to its card, and only while that is focused. */
export function useKeys(field: RefObject<HTMLInputElement>): void {
  useEffect(() => {
    const onKeyDown = (e: KeyboardEvent): void => {
      if (e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey) return;
      if (e.key === 'Escape') {
        if (helpOpen.value) return; // the dialog closes itself
        if (openDrawer.value !== null) openDrawer.value = null;
        else if (store.selected.value !== null || store.selectedChannel.value !== null) select(null);
        return;
      }
      if (e.target instanceof HTMLElement && e.target.matches('input, select, textarea')) return;
      if (e.key === '/' && field.current !== null) {
        e.preventDefault();
        field.current.focus();
        field.current.select();
      } else if (e.key === ' ' && e.target === document.body && mayAct.value) {
        e.preventDefault();
        void (store.control.value.paused ? resume() : pause());
      } else if (e.key === '?') {
        e.preventDefault();
        helpOpen.value = true;
      }
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, []);
}
