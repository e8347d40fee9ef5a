import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { channelTexts } from '../i18n/channel';
import { RefusalNote } from '../shell/RefusalNote';
import { sendMessage } from '../state/actions';

/** The presenter puts a message into the channel: it goes the way of all the others. */
export function SendForm({ id }: { readonly id: number }): JSX.Element {
  const t = channelTexts();
  const [text, setText] = useState('');
  const [sent, setSent] = useState(false);
  const [busy, setBusy] = useState(false);
  const send = async (): Promise<void> => {
    setBusy(true);
    const done = await sendMessage(id, text);
    setBusy(false);
    setSent(done);
    if (done) setText('');
  };
  return (
    <form
      class="send"
      onSubmit={(event) => {
        event.preventDefault();
        if (text !== '' && !busy) void send();
      }}
    >
      <h3>
        <label for="send-text">{t.send}</label>
      </h3>
      <div class="send-row">
        <input
          id="send-text"
          type="text"
          autocomplete="off"
          maxLength={4000}
          value={text}
          placeholder={t.text}
          onInput={(event) => {
            setText(event.currentTarget.value);
            setSent(false);
          }}
        />
        <button type="submit" class="button" disabled={text === ''}>
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
