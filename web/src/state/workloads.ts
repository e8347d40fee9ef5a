/** What the server can start: asked once, kept for the page's life. */
import { signal } from '@preact/signals';
import type { Workload } from '../wire';
import { api, Refused } from './api';

export const workloads = signal<readonly Workload[] | null>(null);
/** Why there are none, in the server's words, or '' */
export const workloadsError = signal('');

let asking = false;

export async function loadWorkloads(): Promise<void> {
  if (asking || workloads.value !== null) return;
  asking = true;
  workloadsError.value = '';
  try {
    workloads.value = await api.workloads();
  } catch (error) {
    workloadsError.value = error instanceof Refused ? error.message : String(error);
  } finally {
    asking = false;
  }
}
