/** Names of workloads, roles and parameters. One that is unknown keeps the name it has on the wire. */
import { language } from './index';

const spanish: Readonly<Record<string, string>> = {
  primes: 'primos',
  wait: 'espera',
  memory: 'memoria',
  threads: 'hilos',
  idle: 'ocioso',
  tree: 'árbol',
  crash: 'fallo',
  zombie: 'zombi',
  orphan: 'huérfano',
  bomb: 'bomba',
  // roles
  root: 'raíz',
  branch: 'rama',
  leaf: 'hoja',
  parent: 'padre',
  child: 'hijo',
  // parameters
  n: 'n',
  seconds: 'segundos',
  duration: 'duración',
  delay: 'retraso',
  depth: 'profundidad',
  branching: 'ramas',
  how: 'cómo',
  kind: 'tipo',
  mode: 'modo',
  status: 'código',
  megabytes: 'megabytes',
  mb: 'MB',
  size: 'tamaño',
  target: 'meta',
  step: 'paso',
  rounds: 'rondas',
  pause: 'pausa',
  count: 'cuántos',
  work: 'trabajo',
  rest: 'descanso',
  exit: 'salida',
  panic: 'pánico',
  signal: 'señal',
};

function translate(name: string): string {
  return language.value === 'es' ? (spanish[name] ?? name) : name;
}

/** Of a workload by its wire name. */
export const workloadName = (name: string): string => translate(name);

/** Of a parameter or one of its choices by its wire name. */
export const paramName = (name: string): string => translate(name);

/**
 * What a process is called on the page. A worker of ours by its workload or role in the reader's language, a number at
 * the end of its label kept; a foreign program by its label as it is. Hostile text: only ever as a text node.
 */
export function processName(p: { readonly workload: string; readonly role: string; readonly label: string; readonly name: string }): string {
  if (p.workload === '') return p.label !== '' ? p.label : p.name;
  const base = p.role !== '' ? p.role : p.workload;
  const number = / \d+$/.exec(p.label)?.[0] ?? '';
  return translate(base) + number;
}
