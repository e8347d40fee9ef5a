/**
 * The websocket: hello with the token, frames into the store, jittered retries for ever unless the token is refused.
 * While the tab is hidden or the view frozen, frames are dropped unread and a fresh snapshot is asked for afterwards:
 * nothing is ever queued. After half a minute in the dark the connection itself is closed.
 */
import { effect } from '@preact/signals';
import type { Store } from './store';

/** Two heartbeats of the server without a frame. */
export const STALE_MS = 2000;
/** Silent for that long, the socket is taken for dead. */
const DEAD_MS = 6000;
const HIDDEN_CLOSE_MS = 30_000;
/** First and longest wait before a retry; each is multiplied by 0.5 to 1, so that a class does not come back as one. */
const RETRY_FIRST_MS = 250;
const RETRY_LAST_MS = 4000;

/** The server's word for a token it does not know. */
const CLOSE_REFUSED = 4401;

export interface Options {
  readonly url: string;
  readonly token: string;
  readonly now?: () => number;
}

/** Connects and stays connected until the disposer that it returns is called. */
export function connect(store: Store, { url, token, now = () => performance.now() }: Options): () => void {
  let socket: WebSocket | null = null;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let retries = 0;
  let heard = now();
  let hiddenSince = document.hidden ? now() : null;
  /** frames were dropped: only a snapshot may be applied next */
  let behind = true;
  let over = false;

  const open = (): void => {
    clearTimeout(retry);
    retry = undefined;
    const own = new WebSocket(url);
    socket = own;
    behind = true;
    heard = now();
    own.onopen = () => own.send(JSON.stringify({ kind: 'hello', token }));
    own.onmessage = ({ data }) => {
      if (socket === own && typeof data === 'string') receive(data);
    };
    own.onclose = ({ code }) => {
      if (socket !== own) return;
      socket = null;
      if (code === CLOSE_REFUSED) store.status.value = 'refused';
      else lost();
    };
  };

  const receive = (text: string): void => {
    heard = now();
    retries = 0;
    if (document.hidden || store.frozen.peek()) {
      behind = true;
      store.status.value = store.machine.peek() === null ? 'connecting' : 'live';
      return;
    }
    // A cheap look before parsing; the word may stand in a process's output, then apply() still holds: a delta on an
    // old state is put right by the snapshot that follows.
    if (behind && !text.includes('"kind":"snapshot"')) return;
    try {
      store.apply(text, now());
    } catch {
      drop(); // what cannot be read is as good as lost: begin anew with a snapshot
      return;
    }
    behind = false;
    store.status.value = 'live';
  };

  /** Lets go of the socket without waiting for its farewell, which a dead peer never sends. */
  const drop = (): void => {
    const old = socket;
    socket = null;
    old?.close();
    lost();
  };

  const lost = (): void => {
    if (over) return;
    if (store.status.peek() === 'live') store.status.value = 'stale';
    if (hiddenSince !== null && now() - hiddenSince > HIDDEN_CLOSE_MS) return; // opens again on return
    clearTimeout(retry);
    retry = setTimeout(open, Math.min(RETRY_LAST_MS, RETRY_FIRST_MS * 2 ** retries++) * (0.5 + Math.random() / 2));
  };

  const catchUp = (): void => {
    if (over || store.status.peek() === 'refused') return;
    if (socket === null) open();
    else if (behind && socket.readyState === WebSocket.OPEN) socket.send('{"kind":"snapshot"}');
  };

  const onVisibility = (): void => {
    if (document.hidden) {
      hiddenSince = now();
      return;
    }
    hiddenSince = null;
    heard = now();
    catchUp();
  };

  const watch = setInterval(() => {
    const t = now();
    if (hiddenSince !== null) {
      if (socket !== null && t - hiddenSince > HIDDEN_CLOSE_MS) {
        const old = socket;
        socket = null;
        old.close();
      }
      return;
    }
    store.expire(t);
    if (store.status.peek() === 'live' && t - heard > STALE_MS) store.status.value = 'stale';
    if (socket !== null && t - heard > DEAD_MS) drop();
  }, 250);

  document.addEventListener('visibilitychange', onVisibility);
  let wasFrozen = store.frozen.peek();
  const stopFrozen = effect(() => {
    const frozen = store.frozen.value;
    if (wasFrozen && !frozen) catchUp();
    wasFrozen = frozen;
  });
  open();

  return () => {
    over = true;
    clearTimeout(retry);
    clearInterval(watch);
    stopFrozen();
    document.removeEventListener('visibilitychange', onVisibility);
    const old = socket;
    socket = null;
    old?.close();
  };
}
