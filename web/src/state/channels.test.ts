import { effect } from '@preact/signals';
import { describe, expect, it } from 'vitest';
import type { MessageRow } from '../wire';
import { select, selectChannel } from './actions';
import { Store, store as page } from './store';
import { channelOf, processOf, snapshotOf } from './testing';

const root = processOf({ id: 1 });
const two = channelOf({ id: 2, writers: [1], fill: 10, rate: 1 });
const three = channelOf({ id: 3, kind: 'queue', slots: 5 });
const sent = (number: number, channel = 2): MessageRow => [channel, 'sent', 1, 1, number, 4, 1000 + number, 1000 + number, 'hi'];

function storeOf(): Store {
  const store = new Store();
  store.apply([snapshotOf([root], { at: 1000, channels: [two, three] })], 0);
  return store;
}

describe('channels of the store', () => {
  it('a channel’s signal changes for that channel alone, wiring only for who holds what', () => {
    const store = storeOf();
    const seen: number[] = [];
    const stops = [2, 3].map((id) => effect(() => void (store.channel(id).value, seen.push(id))));
    seen.length = 0;
    const { wiring, flow } = { wiring: store.wiring.value, flow: store.flow.value };
    store.apply([{ kind: 'delta', at: 1100, channels: [{ ...two, fill: 20 }] }], 100);
    expect([seen, store.wiring.value, store.flow.value]).toEqual([[2], wiring, flow + 1]);
    store.apply([{ kind: 'delta', at: 1200, channels: [{ ...two, readers: [1] }] }], 200);
    expect([store.wiring.value, store.channel(2).value?.readers]).toEqual([wiring + 1, [1]]);
    store.apply([{ kind: 'delta', at: 1300 }], 300);
    expect([store.wiring.value, store.flow.value]).toEqual([wiring + 1, flow + 2]);
    for (const stop of stops) stop();
  });

  it('one that is gone is undefined, with its messages and its history', () => {
    const store = storeOf();
    const [channel, messages] = [store.channel(2), store.messages(2)];
    store.apply([{ kind: 'delta', at: 1100, messages: [sent(1)] }], 100);
    expect(messages.value.map((m) => m.number)).toEqual([1]);
    expect(store.channelSeries(2).fill).toEqual([10, 10]);
    const wiring = store.wiring.value;
    store.apply([{ kind: 'delta', at: 1200, goneChannels: [2], messages: [sent(2)] }], 200);
    expect([channel.value, store.wiring.value, store.channels.size]).toEqual([undefined, wiring + 1, 1]);
    expect([store.messages(2).value, store.channelSeries(2).times]).toEqual([[], []]);
  });

  it('a snapshot replaces them; another server’s begin anew', () => {
    const store = storeOf();
    store.apply([{ kind: 'delta', at: 1100, messages: [sent(1), sent(1, 3)] }], 100);
    store.apply([snapshotOf([root], { at: 1200, channels: [three] })], 200);
    expect([[...store.channels.keys()], store.messages(3).value.length]).toEqual([[3], 1]);
    store.apply([snapshotOf([{ ...root, pid: 9 }], { at: 1300, channels: [three] })], 300);
    expect([[...store.channels.keys()], store.messages(3).value.length]).toEqual([[3], 0]);
  });

  it('what is unknown is null in the history too', () => {
    const store = new Store();
    store.apply([snapshotOf([root], { at: 0, channels: [channelOf({ id: 2, depth: null, latency: { p50: 0.5, p99: null } })] })], 0);
    expect(store.channelSeries(2)).toEqual({ times: [0], fill: [0], depth: [null], rate: [0], p50: [0.5], p99: [null] });
  });

  it('keeps nothing of ten thousand that came and went', () => {
    const store = storeOf();
    for (let i = 0; i < 10_000; i++) {
      const id = 10 + i;
      store.channel(id);
      store.messages(id);
      store.apply([{ kind: 'delta', at: i, channels: [channelOf({ id })], messages: [sent(1, id)] }, { kind: 'delta', at: i, goneChannels: [id] }], i);
    }
    const inside = store as unknown as { channelRows: Map<number, unknown>; boxes: Map<number, unknown>; channelHistory: { rings: Map<number, unknown> }; model: { mail: { boxes: Map<number, unknown> } } };
    expect([inside.channelRows.size, inside.boxes.size, inside.channelHistory.rings.size, inside.model.mail.boxes.size]).toEqual([0, 0, 2, 0]);
  });

  it('a process or a channel is selected, never both', () => {
    selectChannel(3);
    expect([page.selected.value, page.selectedChannel.value]).toEqual([null, 3]);
    select(1);
    expect([page.selected.value, page.selectedChannel.value]).toEqual([1, null]);
    select(null);
    expect([page.selected.value, page.selectedChannel.value]).toEqual([null, null]);
  });
});
