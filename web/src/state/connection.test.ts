/** Against a real websocket server in this process. Waits are for conditions, with a deadline. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocketServer, type WebSocket as Peer } from 'ws';
import { connect } from './connection';
import { Store } from './store';
import { processOf, snapshotOf, valuesOf } from './testing';

const root = processOf({ id: 1 });
const two = processOf({ id: 2 });

/** A server that answers hello and snapshot as ours does. */
class Server {
  readonly heard: string[] = [];
  readonly peers: Peer[] = [];
  private constructor(readonly wss: WebSocketServer) {
    wss.on('connection', (peer) => {
      this.peers.push(peer);
      peer.on('message', (data) => {
        const text = (data as Buffer).toString();
        this.heard.push(text);
        const message = JSON.parse(text) as { kind: string; token?: string };
        if (message.kind === 'hello' && message.token !== 'right') peer.close(4401);
        else this.snapshot(peer);
      });
    });
  }

  static async start(port = 0): Promise<Server> {
    const wss = new WebSocketServer({ host: '127.0.0.1', port });
    await once(wss, 'listening');
    return new Server(wss);
  }

  get port(): number {
    return (this.wss.address() as AddressInfo).port;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}`;
  }

  snapshot(peer: Peer, processes = [root, two]): void {
    peer.send(JSON.stringify(snapshotOf(processes)));
  }

  send(message: unknown): void {
    for (const peer of this.peers) peer.send(JSON.stringify(message));
  }

  async stop(): Promise<void> {
    for (const peer of this.wss.clients) peer.terminate();
    this.wss.close();
    await once(this.wss, 'close');
  }
}

const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 8000, interval: 5 });
const live = (store: Store): Promise<void> => until(() => expect(store.status.value).toBe('live'));

function hide(hidden: boolean): void {
  Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));
}

describe('connection', () => {
  let server: Server;
  let store: Store;
  let end: () => void = () => undefined;
  let ahead: number;
  const now = (): number => performance.now() + ahead;

  beforeEach(async () => {
    ahead = 0;
    store = new Store();
    server = await Server.start();
  });
  afterEach(async () => {
    end();
    Object.defineProperty(document, 'hidden', { value: false, configurable: true });
    await server.stop();
  });

  it('says hello with the token, then applies what comes', async () => {
    end = connect(store, { url: server.url, token: 'right' });
    await live(store);
    expect(server.heard).toEqual(['{"kind":"hello","token":"right"}']);
    expect([...store.processes.keys()]).toEqual([1, 2]);
    server.send({ kind: 'delta', at: 1, values: [valuesOf({ ...two, cpu: 0.5 })] });
    await until(() => expect(store.processes.get(2)?.cpu).toBe(0.5));
  });

  it('does not try again when the token is refused', async () => {
    end = connect(store, { url: server.url, token: 'wrong' });
    await until(() => expect(store.status.value).toBe('refused'));
    hide(true);
    hide(false);
    ahead += 60_000;
    await until(() => expect(server.wss.clients.size).toBe(0));
    expect(server.peers.length).toBe(1);
  });

  it('is stale after two seconds of silence, live with the next frame', async () => {
    end = connect(store, { url: server.url, token: 'right', now });
    await live(store);
    ahead += 2100;
    await until(() => expect(store.status.value).toBe('stale'));
    expect(server.peers.length).toBe(1);
    server.send({ kind: 'delta', at: 1 });
    await live(store);
  });

  it('comes back by itself after the server was gone, without double nodes', async () => {
    end = connect(store, { url: server.url, token: 'right' });
    await live(store);
    const { port } = server;
    await server.stop();
    await until(() => expect(store.status.value).toBe('stale'));
    expect(store.processes.size).toBe(2);
    server = await Server.start(port);
    await live(store);
    expect([...store.processes.keys()]).toEqual([1, 2]);
    expect(server.peers.length).toBe(1);
  });

  it('begins anew after a frame that cannot be read', async () => {
    end = connect(store, { url: server.url, token: 'right' });
    await live(store);
    server.peers[0]!.send('{"kind":');
    await until(() => expect(server.peers.length).toBe(2));
    await live(store);
  });

  it('a hidden tab reads nothing, and asks for a snapshot when it is back', async () => {
    end = connect(store, { url: server.url, token: 'right' });
    await live(store);
    const apply = vi.spyOn(store, 'apply');
    hide(true);
    const peer = server.peers[0]!;
    for (let i = 0; i < 20; i++) server.send({ kind: 'delta', at: i, values: [valuesOf({ ...two, cpu: 0.9 })] });
    const pong = once(peer, 'pong');
    peer.ping(); // answered after what was sent before
    await pong;
    expect(apply).not.toHaveBeenCalled();
    hide(false);
    await until(() => expect(server.heard.at(-1)).toBe('{"kind":"snapshot"}'));
    await until(() => expect(apply).toHaveBeenCalledTimes(1));
    expect(store.processes.get(2)?.cpu).toBe(0);
  });

  it('a tab long hidden lets go of the connection, and is right again on return', async () => {
    end = connect(store, { url: server.url, token: 'right', now });
    await live(store);
    hide(true);
    ahead += 31_000;
    await until(() => expect(server.wss.clients.size).toBe(0));
    hide(false);
    await until(() => expect(server.peers.length).toBe(2));
    await live(store);
  });

  it('a frozen view keeps still and catches up afterwards', async () => {
    end = connect(store, { url: server.url, token: 'right' });
    await live(store);
    store.frozen.value = true;
    server.send({ kind: 'delta', at: 5, gone: [2] });
    const pong = once(server.peers[0]!, 'pong');
    server.peers[0]!.ping();
    await pong;
    expect(store.processes.has(2)).toBe(true);
    expect(store.status.value).toBe('live');
    server.snapshot = (peer) => peer.send(JSON.stringify(snapshotOf([root])));
    store.frozen.value = false;
    await until(() => expect(store.processes.has(2)).toBe(false));
  });

  it('the disposer ends it for good', async () => {
    end = connect(store, { url: server.url, token: 'right' });
    await live(store);
    end();
    await until(() => expect(server.wss.clients.size).toBe(0));
    hide(true);
    hide(false);
    expect(server.peers.length).toBe(1);
  });
});
