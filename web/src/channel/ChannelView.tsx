/** One channel from the inside: who holds it, how much is in it, how fast it flows, and its last messages. */
import type { ComponentChildren, JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { Chip } from '../badge/Chip';
import { channelTexts } from '../i18n/channel';
import { duration, number } from '../i18n/numbers';
import { processName } from '../i18n/names';
import { Command, commandsFor } from '../inspector/Check';
import { Cross } from '../shell/icons';
import { mayAct, select, selectChannel } from '../state/actions';
import { second, useSecond } from '../state/second';
import { store, type Row } from '../state/store';
import type { Channel } from '../wire';
import { ChannelCharts } from './ChannelCharts';
import './channel.css';
import { conservationOf, millis, most } from './figures';
import { Messages } from './Messages';
import { channelName } from './name';
import { SendForm } from './SendForm';

export function ChannelView({ id }: { readonly id: number }): JSX.Element {
  const t = channelTexts();
  const now = store.channel(id).value;
  const last = useRef<Channel | undefined>(undefined);
  last.current = now ?? last.current;
  const channel = last.current;
  useSecond();
  const close = (
    <button type="button" class="icon-button" aria-label={t.close} onClick={() => selectChannel(null)}>
      <Cross />
    </button>
  );
  if (channel === undefined) {
    return (
      <div class="inspector-head">
        <p>{t.gone}</p>
        {close}
      </div>
    );
  }
  const over = now === undefined;
  const kind = t.kinds[channel.kind];
  const name = channelName(channel);
  const state = over ? t.gone : channel.broken ? t.broken : channel.ended ? t.ended : '';
  return (
    <>
      <div class="inspector-head">
        <h2>
          <bdi>{name}</bdi>
        </h2>
        {close}
      </div>
      {name !== kind && <p class="inspector-state channel-kind">{kind}</p>}
      {state !== '' && <p class="inspector-reason">{state}</p>}
      <dl class="facts">
        <Fact name={t.facts.writers}>
          <Ends ids={channel.writers} />
        </Fact>
        <Fact name={t.facts.readers}>
          <Ends ids={channel.readers} />
        </Fact>
        {channel.fill !== null && <Fact name={t.facts.fill}>{t.fill(channel.fill, channel.capacity === null ? null : most(channel.capacity))}</Fact>}
        <Fact name={t.facts.depth}>{channel.depth === null ? <Unknown /> : t.depth(channel.depth, channel.slots)}</Fact>
        {(channel.buffered ?? 0) > 0 && <Fact name={t.facts.buffered}>{number(channel.buffered ?? 0)}</Fact>}
        <Fact name={t.facts.rate}>{channel.rate === null ? <Unknown /> : t.rate(rateWords(channel.rate))}</Fact>
        <Fact name={t.facts.latency}>{latencyOf(channel)}</Fact>
      </dl>
      {!over && <BlockedOnes channel={channel} />}
      <Conserved channel={channel} />
      {!over && channel.made && mayAct.value && <SendForm id={id} />}
      <ChannelCharts channel={channel} over={over} />
      <Messages channel={channel} />
      <CheckEnds channel={channel} />
    </>
  );
}

const rateWords = (rate: number): string => number(rate, rate < 10 ? 1 : 0);

function latencyOf(channel: Channel): ComponentChildren {
  const t = channelTexts();
  const { p50, p99 } = channel.latency;
  if (p50 === null) return channel.sent === null ? <Unknown /> : t.noLatency;
  return (
    <>
      <span class="latency">{t.half(millis(p50))}</span>
      {p99 !== null && <span class="latency">{t.nearlyAll(millis(p99))}</span>}
    </>
  );
}

function Unknown(): JSX.Element {
  return <span class="cannot">{channelTexts().unknown}</span>;
}

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }): JSX.Element {
  return (
    <div class="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Processes at one end. */
function Ends({ ids }: { readonly ids: readonly number[] }): JSX.Element {
  if (ids.length === 0) return <>{channelTexts().nobody}</>;
  return (
    <>
      {ids.map((id) => (
        <End key={id} id={id} />
      ))}
    </>
  );
}

function End({ id }: { readonly id: number }): JSX.Element | null {
  const row: Row | undefined = store.row(id).value ?? store.lanes.all().get(id)?.row;
  if (row === undefined) return null;
  return (
    <button type="button" class="link channel-end" onClick={() => select(id)}>
      <Chip id={id} />
      <bdi>{processName(row)}</bdi> {row.pid}
    </button>
  );
}

/** Who is blocked on it, and for how long. */
function BlockedOnes({ channel }: { readonly channel: Channel }): JSX.Element | null {
  const t = channelTexts();
  const stuck = channel.blocked.filter(({ process }) => store.row(process).value !== undefined && store.processes.get(process)?.stuck !== undefined);
  if (stuck.length === 0) return null;
  return (
    <ul class="channel-blocked">
      {stuck.map(({ process, op, since }) => (
        <li key={process} class="look-blocked">
          <End id={process} />
          <span class="look-word">{t.blockedFor(t.blocked[op], duration(Math.max(0, (second.value || store.at) - since) / 1000))}</span>
        </li>
      ))}
    </ul>
  );
}

function Conserved({ channel }: { readonly channel: Channel }): JSX.Element {
  const t = channelTexts();
  const sum = conservationOf(channel);
  return (
    <section class="conservation" aria-labelledby="channel-sum">
      <h3 id="channel-sum">{t.conservation}</h3>
      {sum === null ? (
        <p class="cannot">{t.unknown}</p>
      ) : (
        <>
          <p>
            {sum.words}
            {sum.off === 0 && (
              <b class="holds" role="img" aria-label={t.holds} title={t.holds}>
                {' '}
                ✓
              </b>
            )}
          </p>
          {sum.off !== 0 && <p class="quiet">{t.moves(sum.off)}</p>}
        </>
      )}
    </section>
  );
}

/** The descriptors of its ends, as the kernel lists them. */
function CheckEnds({ channel }: { readonly channel: Channel }): JSX.Element | null {
  const t = channelTexts();
  const os = store.machine.value?.host.os ?? 'linux';
  const pids = [...new Set([...channel.writers, ...channel.readers])].flatMap((id) => store.processes.get(id)?.pid ?? []).slice(0, 4);
  if (pids.length === 0) return null;
  return (
    <section class="check" aria-labelledby="channel-check">
      <h3 id="channel-check">{t.check}</h3>
      {pids.map((pid) => (
        <Command key={pid} text={commandsFor(pid, os)[1] ?? ''} />
      ))}
    </section>
  );
}
