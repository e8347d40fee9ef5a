/** What the person chose to look at: not of the server, not shared with others. */
import { signal } from '@preact/signals';

export type View = 'map' | 'table';
/** Of the drawers only one is open at a time; the inspector, which follows the selection, is another matter. */
export type DrawerName = 'spawn' | 'timeline' | 'log' | 'consoles';

export const view = signal<View>('map');
export const openDrawer = signal<DrawerName | null>(null);
/** id of the process under which the spawn drawer starts new ones; ROOT: directly under Vivero */
export const spawnParent = signal(1);
/** text of the search field; both views mark what it finds */
export const search = signal('');
export const helpOpen = signal(false);

export function toggleDrawer(name: DrawerName): void {
  openDrawer.value = openDrawer.value === name ? null : name;
}
