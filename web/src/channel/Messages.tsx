import type { JSX } from 'preact';
import { Chip } from '../badge/Chip';
import { numbers } from '../badge/numbers';
import { channelTexts } from '../i18n/channel';
import { number } from '../i18n/numbers';
import { processName } from '../i18n/names';
import { literal } from '../log/literal';
import type { Message } from '../state/mail';
import { ROOT, store } from '../state/store';
import type { Channel } from '../wire';
import { shareOf, stayOf } from './figures';

/** Rows of the table, the newest messages. */
const SHOWN = 50;
/** Characters of a text. */
const TEXT = 60;

/** The last messages, newest first. */
export function Messages({ channel }: { readonly channel: Channel }): JSX.Element {
  const t = channelTexts();
  const messages = store.messages(channel.id).value;
  const rows = messages.slice(-SHOWN).reverse();
  return (
    <section class="messages" aria-labelledby="channel-messages">
      <h3 id="channel-messages">{t.messages}</h3>
      {rows.length === 0 ? (
        <p class={channel.sent === null ? 'cannot' : 'quiet'}>{channel.sent === null ? t.noRecorder : t.none}</p>
      ) : (
        <>
          <p class="quiet">{shareOf(channel, messages)}</p>
          <div class="messages-box" tabIndex={0} role="group" aria-labelledby="channel-messages">
            <table>
              <thead>
                <tr>
                  <th scope="col">{t.columns.number}</th>
                  <th scope="col">{t.columns.from}</th>
                  <th scope="col">{t.columns.to}</th>
                  <th scope="col">{t.columns.time}</th>
                  <th scope="col">{t.columns.size}</th>
                  <th scope="col">{t.columns.text}</th>
                </tr>
              </thead>
              <tbody>
                {rows.map((m) => (
                  <tr key={`${m.sender} ${m.number} ${m.sentAt ?? m.receivedAt ?? ''}`}>
                    <td>{m.number}</td>
                    <td>
                      <Who id={m.sender} />
                    </td>
                    <td>{m.receiver !== null && <Who id={m.receiver} />}</td>
                    <td class={m.lostAt !== null ? 'message-lost' : undefined}>{stayOf(m)}</td>
                    <td>{number(m.size)}</td>
                    <td class="message-text">
                      <code>{textOf(m)}</code>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </section>
  );
}

/** Filling at its end says nothing. */
function textOf({ text }: Message): string {
  const said = literal(text).replace(/\n/g, '␊').replace(/\.{3,}$/, '…');
  return said.length > TEXT ? `${said.slice(0, TEXT)}…` : said;
}

/** By its chip, else by name: the table is narrow. Who has ended is remembered by its lane. */
function Who({ id }: { readonly id: number }): JSX.Element {
  const t = channelTexts();
  const row = store.processes.get(id) ?? store.lanes.all().get(id)?.row;
  if (id === ROOT) return <span class="quiet">{t.presenter}</span>;
  if (row === undefined) {
    return (
      <span class="quiet" title={t.outsider}>
        —
      </span>
    );
  }
  return (
    <span class="message-who" title={`${processName(row)} ${row.pid}`}>
      <Chip id={id} />
      <bdi class={numbers.value.has(id) ? 'hidden-text' : undefined}>{processName(row)}</bdi>
    </span>
  );
}
