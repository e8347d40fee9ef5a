/** Names of workloads, roles and parameters. One that is unknown keeps the name it has on the wire. */
import { language, type Language } from './index';

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
};

const params: Readonly<Record<Language, Readonly<Record<string, string>>>> = {
  en: {
    pause_ms: 'pause (ms)',
    read_kb: 'each read (kB)',
    mb: 'memory (MB)',
    step_mb: 'each step (MB)',
    grow_ms: 'between children (ms)',
    burst_ms: 'burst (ms)',
    code: 'exit status',
    delay_ms: 'after (ms)',
  },
  es: {
    pause_ms: 'pausa (ms)',
    read_kb: 'cada lectura (kB)',
    mb: 'memoria (MB)',
    step_mb: 'cada paso (MB)',
    threads: 'hilos',
    seconds: 'segundos',
    depth: 'profundidad',
    branching: 'ramas',
    grow_ms: 'entre hijos (ms)',
    burst_ms: 'cálculo (ms)',
    how: 'cómo',
    code: 'código de salida',
    delay_ms: 'al cabo de (ms)',
    children: 'hijos',
    exit: 'salida',
    panic: 'pánico',
  },
};

/** Names are hostile: only the table's own entries count, not what every object has. */
const lookUp = (table: Readonly<Record<string, string>>, name: string): string =>
  Object.hasOwn(table, name) ? (table[name] ?? name) : name;

const translate = (name: string): string => (language.value === 'es' ? lookUp(spanish, name) : name);

/** Of a workload by its wire name. */
export const workloadName = (name: string): string => translate(name);

/** Of a parameter or one of its choices by its wire name. */
export const paramName = (name: string): string => lookUp(params[language.value], name);

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
