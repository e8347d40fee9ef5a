/** Against a real HTTP server in this process. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { setLanguage } from '../i18n';
import { endAll, refusal, sendSignal, start } from './actions';
import { api, Refused } from './api';

interface Asked {
  readonly line: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

describe('api', () => {
  let server: Server;
  let asked: Asked[];
  let answer: (response: ServerResponse) => void;

  beforeEach(async () => {
    setLanguage('en');
    asked = [];
    answer = (response) => response.end('{}');
    server = createServer((request: IncomingMessage, response) => {
      let body = '';
      request.on('data', (part: Buffer) => (body += part.toString()));
      request.on('end', () => {
        asked.push({ line: `${request.method ?? ''} ${request.url ?? ''}`, authorization: request.headers.authorization, body });
        answer(response);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    (window as unknown as { happyDOM: { setURL: (url: string) => void } }).happyDOM.setURL(
      `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    );
    sessionStorage.setItem('vivero.token', 'right');
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('asks as the API is described, with the token in the header', async () => {
    await api.start({ workload: 'primes', params: { n: 7 }, parent: 1, count: 2 });
    await api.signal(5, 'STOP');
    await api.end(5, true);
    await api.endAll();
    await api.details(5);
    await api.output(5);
    expect(asked.map((a) => `${a.line} ${a.body}`.trim())).toEqual([
      'POST /api/processes {"workload":"primes","params":{"n":7},"parent":1,"count":2}',
      'POST /api/processes/5/signal {"signal":"STOP","tree":false}',
      'DELETE /api/processes/5?tree=true',
      'POST /api/end-all {}',
      'GET /api/processes/5',
      'GET /api/processes/5/output',
    ]);
    expect(new Set(asked.map((a) => a.authorization))).toEqual(new Set(['Bearer right']));
  });

  it('a refusal is the server’s sentence', async () => {
    answer = (response) => response.writeHead(400).end('{"error":"start primes: n must be 1..1000000000, got -5"}');
    await expect(api.start({ workload: 'primes' })).rejects.toEqual(new Refused('start primes: n must be 1..1000000000, got -5', 400));
  });

  it.each([
    [502, '<h1>Bad gateway</h1>'],
    [500, '{"message":"x"}'],
    [200, 'nonsense'],
  ])('an odd answer is called so (%i)', async (status, body) => {
    answer = (response) => response.writeHead(status).end(body);
    await expect(api.details(1)).rejects.toMatchObject({ status, message: `The server gave an answer that the page does not understand (HTTP ${status}).` });
  });

  it('no answer is called so', async () => {
    answer = (response) => response.destroy();
    await expect(api.details(1)).rejects.toMatchObject({ status: 0, message: 'The server does not answer.' });
  });

  it('a refused action is told where it was asked, until the next', async () => {
    answer = (response) => response.writeHead(403).end('{"error":"signal: the root cannot be signalled"}');
    await sendSignal(1, 'KILL', 'inspector');
    expect(refusal.value).toEqual({ spot: 'inspector', id: 1, sentence: 'signal: the root cannot be signalled' });
    answer = (response) => response.writeHead(409).end('{"error":"start idle: pid 7 is stopped"}');
    expect(await start([{ workload: 'idle' }], 'spawn')).toBe(false);
    expect(refusal.value).toMatchObject({ spot: 'spawn', id: null });
    answer = (response) => response.end('{}');
    await endAll();
    expect(refusal.value).toBeNull();
  });
});
