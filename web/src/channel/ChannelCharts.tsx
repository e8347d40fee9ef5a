import type { JSX } from 'preact';
import { channelTexts } from '../i18n/channel';
import { bytes, number } from '../i18n/numbers';
import { Chart } from '../inspector/Chart';
import { bytesTop, countTop } from '../inspector/scale';
import { store, type ChannelSeries } from '../state/store';
import type { Channel } from '../wire';
import { millis } from './figures';

const ONE = [{ colour: '--chan', filled: true }];
const TWO = [
  { colour: '--chan', filled: true },
  { colour: '--acc', filled: false },
];

type Key = Exclude<keyof ChannelSeries, 'times'>;

/** What is in it, how fast it flows and how long it takes, over the last minute; nothing of what cannot be known. */
export function ChannelCharts({ channel, over }: { readonly channel: Channel; readonly over: boolean }): JSX.Element {
  const t = channelTexts();
  const { id, depth, fill, slots, rate, latency, sent } = channel;
  const data = (...keys: readonly Key[]) => () => {
    const series = store.channelSeries(id);
    return { times: series.times, lists: keys.map((key) => series[key]) };
  };
  const common = { started: null, over };
  return (
    <>
      {depth !== null ? (
        <Chart {...common} id={`${id} depth`} title={t.charts.depth} value={over ? '' : number(depth)} lines={ONE} data={data('depth')} top={(values) => slots ?? countTop(values, 4)} format={(value) => number(value, value % 1 === 0 ? 0 : 1)} scale={40} />
      ) : (
        fill !== null && <Chart {...common} id={`${id} fill`} title={t.charts.fill} value={over ? '' : bytes(fill)} lines={ONE} data={data('fill')} top={bytesTop} format={bytes} scale={62} />
      )}
      {rate !== null && <Chart {...common} id={`${id} rate`} title={t.charts.rate} value={over ? '' : number(rate, rate < 10 ? 1 : 0)} lines={ONE} data={data('rate')} top={(values) => countTop(values, 2)} format={(value) => number(value, value % 1 === 0 ? 0 : 1)} scale={54} />}
      {sent !== null && (
        <>
          <Chart {...common} id={`${id} latency`} title={t.charts.latency} value={over || latency.p50 === null ? '' : millis(latency.p50)} lines={TWO} data={data('p50', 'p99')} top={(values) => countTop(values, 0.01)} format={millis} scale={66} />
          <p class="quiet chart-note">{t.latencyLines}</p>
        </>
      )}
    </>
  );
}
