import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { channelTexts } from '../i18n/channel';
import { RefusalNote } from '../shell/RefusalNote';
import { sendMessage } from '../state/actions';

/** The presenter puts a message into the channel: it goes the way of all the others. */
export function SendForm({ id }: { readonly id: number }): JSX.Element {
  const t = channelTexts();
  // The field is asked at the moment of sending: what is drawn may be a frame behind a quick hand.
  const field = useRef<HTMLInputElement>(null);
  const busy = useRef(false);
  const [sent, setSent] = useState(false);
  const send = async (): Promise<void> => {
    const text = field.current?.value ?? '';
    if (text === '' || busy.current) return;
    busy.current = true;
    const done = await sendMessage(id, text);
    busy.current = false;
    setSent(done);
    if (done && field.current?.value === text) field.current.value = '';
  };
  return (
    <form
      class="send"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <h3>
        <label for="send-text">{t.send}</label>
      </h3>
      <div class="send-row">
        <input id="send-text" ref={field} type="text" autocomplete="off" maxLength={4000} placeholder={t.text} onInput={() => setSent(false)} />
        <button type="submit" class="button">
          {t.sendIt}
        </button>
      </div>
      <p class="send-done" role="status">
        {sent ? t.sent : ''}
      </p>
      <RefusalNote spot="channel" />
    </form>
  );
}
