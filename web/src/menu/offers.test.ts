import { beforeEach, describe, expect, it } from 'vitest';
import { language } from '../i18n';
import type { Row } from '../state/store';
import { refusal } from '../state/actions';
import { processOf } from '../state/testing';
import type { Process } from '../wire';
import { offerByKey, offersFor, perform, takesSignals } from './offers';

beforeEach(() => {
  language.value = 'en';
  refusal.value = null;
});

const row = (more: Partial<Process> = {}): Row => processOf({ id: 5, pid: 105, ppid: 101, state: 'R', ...more });
const verbs = (r: Row, below = 0): string[] => offersFor(r, below).map((offer) => offer.verb);

describe('offersFor', () => {
  it('offers what makes sense', () => {
    expect(verbs(row())).toEqual(['stop', 'child', 'terminate', 'kill']);
    expect(verbs(row(), 3)).toEqual(['stop', 'child', 'terminate', 'kill', 'killTree']);
    expect(verbs(row({ workload: '' }))).toEqual(['stop', 'terminate', 'kill']);
    expect(verbs(row({ state: 'T' }))).toEqual(['continue', 'child', 'terminate', 'kill']);
    expect(verbs(row({ id: 1, parent: 0 }))).toEqual([]);
    expect(verbs({ ...row(), ended: { at: 0, status: 0 } })).toEqual([]);
  });

  it('says how many Kill would end', () => {
    expect(offersFor(row(), 3).at(-1)?.label).toBe('Kill it and all below (4)');
  });

  it('explains why Kill does nothing to a zombie, and sends nothing', async () => {
    const zombie = row({ state: 'Z' });
    const [kill] = offersFor(zombie, 0);
    expect(verbs(zombie)).toEqual(['kill']);
    await perform(kill!, zombie.id, 'inspector');
    expect(refusal.value).toMatchObject({ spot: 'inspector', id: 5 });
    expect(refusal.value?.sentence).toContain('its parent (pid 101)');
  });

  it('has signals for what lives only', () => {
    expect([row(), row({ state: 'T' }), row({ state: 'Z' }), row({ id: 1 })].map(takesSignals)).toEqual([true, true, false, false]);
  });

  it('finds what a letter does', () => {
    expect(['s', 'K', 'n', 'x'].map((key) => offerByKey(key, row(), 0)?.verb)).toEqual(['stop', 'kill', 'child', undefined]);
    expect(offerByKey('s', row({ state: 'T' }), 0)?.verb).toBe('continue');
    expect(offerByKey('n', row({ workload: '' }), 0)).toBeUndefined();
  });
});
