/** What a vessel says, as plain data: the painter writes it and knows no channel. */

import { numbers } from '../badge/numbers';
import { mapTexts } from '../i18n/map';
import { store, type Message } from '../state/store';
import { STUCK_MS } from '../state/stuck';
import type { Channel, Control } from '../wire';
import { contentsOf, sampleOf, spoken, type Dot } from './contents';
import { plainName } from './seeds';
import type { Vessel } from './scene';

/** Dots in a tube, two rows of four; in a slim one, one row. */
const IN_TUBE = 8;
const IN_SLIM = 4;

export interface VesselFace {
  /** in each place from the exit on; fewer than there are places for none */
  readonly dots: readonly Dot[];
  /** the number alone, where there are too many to draw; '' else */
  readonly count: string;
  /** of the level in a tube, 0..1; null unknown or of no meaning */
  readonly level: number | null;
  /** a writer cannot go on */
  readonly valve: boolean;
  readonly head: string;
  readonly lines: readonly string[];
  /** messages in the sender's own buffer; '' for none */
  readonly buffered: string;
  readonly spoken: string;
}

export function vesselFace(vessel: Vessel, channel: Channel, messages: readonly Message[], control: Control): VesselFace {
  const t = mapTexts();
  const { dots, depth } = contentsOf(channel, messages);
  const places = vessel.cells > 0 ? vessel.cells : vessel.kind === 'slim' ? IN_SLIM : IN_TUBE;
  const many = vessel.cells === 0 && (depth ?? dots.length) > places;
  const queue = vessel.kind === 'mailbox';
  const sample = sampleOf(channel);
  const slow = control.paused || control.delay_ms > 0;
  const last = messages[messages.length - 1];
  const end = channel.broken ? t.broken : channel.ended ? t.ended : sample > 1 ? t.sample(sample) : slow && last && last.text !== '' ? t.said(spoken(last.text)) : '';
  const rate = channel.rate === null || (channel.rate === 0 && !queue) ? '' : t.rate(channel.rate);
  const fill = channel.fill === null ? '' : t.kib(channel.fill);
  const name = fill === '' ? t[channel.kind === 'socket' ? 'socket' : 'pipe'] : fill;
  const most = channel.capacity === null || channel.kind !== 'pipe' ? '' : t.most(t.kib(channel.capacity));
  const lines = wordsOf(queue ? [rate, end] : [name, most, rate, end], vessel.lines);
  return {
    dots: many ? [] : dots.slice(0, places),
    count: many ? String(depth ?? dots.length) : '',
    // A socket's share of its buffer says nothing: it blocks at a few per cent.
    level: queue || channel.fill === null || channel.capacity === null || channel.kind !== 'pipe' ? null : Math.min(1, channel.fill / Math.max(1, channel.capacity)),
    valve: channel.blocked.some((one) => one.op === 'write' && store.at - one.since >= STUCK_MS),
    head: queue ? (depth === null ? t.queueUnknown : t.queueDepth(depth, channel.slots)) : '',
    lines,
    buffered: channel.buffered !== null && channel.buffered > 0 ? String(channel.buffered) : '',
    spoken: [t.channel(t.kinds[channel.kind], namesOf(channel.writers), namesOf(channel.readers)), queue ? (depth === null ? '' : t.queueDepth(depth, channel.slots)) : fill].filter((word) => word !== '').join(', '),
  };
}

/** The first of them always, of the others as many as there is room for, from the end on: the end is the news. */
function wordsOf(words: readonly string[], room: number): string[] {
  const [first = '', ...others] = words;
  const told = others.filter((word) => word !== '');
  return [first, ...told.slice(Math.max(0, told.length - room + 1))].slice(0, room);
}

function namesOf(ids: readonly number[]): string {
  return mapTexts().and(
    ids.map((id) => {
      const row = store.row(id).peek();
      const number = numbers.peek().get(id);
      return row === undefined ? '' : `${plainName(row)}${number === undefined ? '' : ` ${number}`}`;
    }).filter((name) => name !== ''),
  );
}
