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
  pipe: 'tubería',
  pipeline: 'cadena',
  queue: 'cola',
  pingpong: 'ping-pong',
  scatter: 'reparto',
  image: 'imagen',
  python: 'Python',
  // roles
  root: 'raíz',
  branch: 'rama',
  leaf: 'hoja',
  parent: 'padre',
  child: 'hijo',
  writer: 'escritor',
  reader: 'lector',
  source: 'origen',
  stage: 'etapa',
  sink: 'destino',
  producer: 'productor',
  consumer: 'consumidor',
  worker: 'trabajador',
  // channels
  messages: 'mensajes',
  there: 'ida',
  back: 'vuelta',
  tasks: 'tareas',
  results: 'resultados',
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
    delay_ms: 'delay (ms)',
    size: 'message size (bytes)',
    rate: 'messages/s',
    count: 'messages',
    vary: 'variation (%)',
    width: 'width (px)',
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
    delay_ms: 'retraso (ms)',
    size: 'tamaño (bytes)',
    rate: 'mensajes/s',
    count: 'mensajes',
    vary: 'variación (%)',
    width: 'ancho (px)',
    stages: 'etapas',
    producers: 'productores',
    consumers: 'consumidores',
    slots: 'huecos',
    workers: 'trabajadores',
    pieces: 'trozos',
    passes: 'pasadas',
    filter: 'filtro',
    blur: 'desenfoque',
    sharpen: 'nitidez',
    sobel: 'bordes',
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

/** 'stage 2' is the second stage. */
const NUMBER = / \d+$/;

/** Of a channel that we made, a number at its end kept. */
export function madeName(name: string): string {
  const number = NUMBER.exec(name)?.[0] ?? '';
  return translate(name.slice(0, name.length - number.length)) + number;
}

/**
 * What a process is called on the page. A worker of ours by its workload or role in the reader's language, a number at
 * the end of its label kept; a foreign program by its label as it is. Hostile text: only ever as a text node.
 */
export function processName(p: { readonly workload: string; readonly role: string; readonly label: string; readonly name: string }): string {
  if (p.workload === '') return p.label !== '' ? p.label : p.name;
  const role = p.role !== '' ? p.role : p.workload;
  const own = NUMBER.exec(role)?.[0] ?? '';
  const number = own !== '' ? own : (NUMBER.exec(p.label)?.[0] ?? '');
  return translate(role.slice(0, role.length - own.length)) + number;
}
