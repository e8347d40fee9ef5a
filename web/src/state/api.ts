/** Calls of the API. A refusal comes as a Refused error whose message is the server's sentence, to be shown as it is. */
import { apiTexts } from '../i18n/api';
import type { Details, Workload } from '../wire';
import { token } from './token';

export class Refused extends Error {
  constructor(
    sentence: string,
    /** HTTP status, 0 when no answer came */
    readonly status: number,
  ) {
    super(sentence);
  }
}

export interface StartRequest {
  readonly workload: string;
  readonly params?: Readonly<Record<string, number | string>>;
  /** id, absent: the server itself */
  readonly parent?: number;
  readonly count?: number;
}

export interface Started {
  readonly id: number;
  readonly pid: number;
}

export interface Output {
  readonly stdout: string;
  readonly stderr: string;
  readonly note?: string;
}

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers: {
        Authorization: `Bearer ${token()}`,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: 'no-store',
    });
  } catch {
    throw new Refused(apiTexts().unreachable, 0);
  }
  const text = await response.text();
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    throw new Refused(apiTexts().odd(response.status), response.status);
  }
  if (!response.ok) throw new Refused(sentenceOf(answer) ?? apiTexts().odd(response.status), response.status);
  return answer as T;
}

function sentenceOf(answer: unknown): string | undefined {
  if (typeof answer === 'object' && answer !== null && 'error' in answer && typeof answer.error === 'string') return answer.error;
  return undefined;
}

export const api = {
  workloads: (): Promise<readonly Workload[]> => call('GET', '/api/workloads'),
  start: (request: StartRequest): Promise<readonly Started[]> => call('POST', '/api/processes', request),
  signal: (id: number, signal: string, tree = false): Promise<{ readonly signalled: readonly number[] }> =>
    call('POST', `/api/processes/${id}/signal`, { signal, tree }),
  end: (id: number, tree = false): Promise<unknown> => call('DELETE', `/api/processes/${id}${tree ? '?tree=true' : ''}`),
  send: (channel: number, text: string): Promise<unknown> => call('POST', `/api/channels/${channel}/messages`, { text }),
  pause: (): Promise<unknown> => call('POST', '/api/pause', {}),
  resume: (): Promise<unknown> => call('POST', '/api/resume', {}),
  step: (): Promise<unknown> => call('POST', '/api/step', {}),
  pace: (ms: number): Promise<unknown> => call('POST', '/api/pace', { delay_ms: ms }),
  endAll: (): Promise<unknown> => call('POST', '/api/end-all', {}),
  details: (id: number): Promise<Details> => call('GET', `/api/processes/${id}`),
  output: (id: number): Promise<Output> => call('GET', `/api/processes/${id}/output`),
};
