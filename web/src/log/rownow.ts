import { store, type Row } from '../state/store';

/** The row of a process now, undefined for one that has left. Unlike store.row it makes no signal for ids of the past. */
export const rowNow = (id: number): Row | undefined => store.processes.get(id) ?? store.ended.get(id);
