import type { StateKey } from '../state/words';
import { section } from './index';

/** States after a number. */
interface Counted {
  readonly one: Readonly<Record<StateKey, string>>;
  readonly many: Readonly<Record<StateKey, string>>;
}

const englishOne: Counted['one'] = {
  computing: 'computing',
  ready: 'without a core',
  waiting: 'waiting',
  sleeping: 'sleeping',
  held: 'held',
  blocked: 'blocked',
  disk: 'blocked',
  stopped: 'stopped',
  traced: 'stopped',
  zombie: 'zombie',
  ended: 'ended',
  unknown: 'unknown',
};
const english: Counted = { one: englishOne, many: { ...englishOne, zombie: 'zombies' } };

const spanishOne: Counted['one'] = {
  computing: 'calculando',
  ready: 'sin núcleo',
  waiting: 'en espera',
  sleeping: 'durmiendo',
  held: 'frenado',
  blocked: 'bloqueado',
  disk: 'bloqueado',
  stopped: 'detenido',
  traced: 'detenido',
  zombie: 'zombi',
  ended: 'terminado',
  unknown: 'desconocido',
};
const spanish: Counted = {
  one: spanishOne,
  many: {
    ...spanishOne,
    held: 'frenados',
    blocked: 'bloqueados',
    disk: 'bloqueados',
    stopped: 'detenidos',
    traced: 'detenidos',
    zombie: 'zombis',
    ended: 'terminados',
    unknown: 'desconocidos',
  },
};

export const mapTexts = section({
  en: {
    map: 'Process map',
    tree: 'Process tree',
    pid: (pid: number) => `pid ${pid}`,
    spoken: (name: string, pid: number, state: string, root: boolean) => `${name}${root ? ', root' : ''}, pid ${pid}, ${state}`,
    times: (n: number) => `× ${n}`,
    unfold: 'show each one',
    fold: 'Fold',
    foldThis: (name: string, n: number) => `Fold ${name}, ${n} processes`,
    stack: (name: string, n: number) => `${name}, ${n} processes in a stack. Enter shows each one.`,
    cpuSum: 'CPU',
    rssSum: 'RSS summed',
    rssHint: 'Sum of resident memory. Pages that processes share are counted once for each of them, so the true use is lower.',
    actions: (name: string, pid: number) => `Actions on ${name}, pid ${pid}`,
    fit: 'Fit',
    fitHint: 'Show as much as fits (0)',
    zoomIn: 'Zoom in (+)',
    zoomOut: 'Zoom out (−)',
    adoptedHint: 'Adopted by Vivero (subreaper); normally by pid 1.',
    emptyTitle: 'Nothing is running yet',
    empty: 'A process that you start grows here.',
    emptyViewer: 'What the class starts grows here.',
    dismiss: 'Dismiss',
    count: (n: number, key: StateKey) => `${n} ${(n === 1 ? english.one : english.many)[key]}`,
    /** reasons for the one line of a small card, where the whole one is too long */
    short: { zombie: 'ended, not collected by parent', disk: 'waits for a device' },
    legend: 'Signs of the states',
  },
  es: {
    map: 'Mapa de procesos',
    tree: 'Árbol de procesos',
    pid: (pid: number) => `pid ${pid}`,
    spoken: (name: string, pid: number, state: string, root: boolean) => `${name}${root ? ', raíz' : ''}, pid ${pid}, ${state}`,
    times: (n: number) => `× ${n}`,
    unfold: 'ver cada uno',
    fold: 'Plegar',
    foldThis: (name: string, n: number) => `Plegar ${name}, ${n} procesos`,
    stack: (name: string, n: number) => `${name}, ${n} procesos apilados. Intro los muestra uno a uno.`,
    cpuSum: 'CPU',
    rssSum: 'RSS sumada',
    rssHint: 'Suma de la memoria residente. Las páginas compartidas cuentan una vez por proceso, así que el uso real es menor.',
    actions: (name: string, pid: number) => `Acciones sobre ${name}, pid ${pid}`,
    fit: 'Encajar',
    fitHint: 'Mostrar todo lo que quepa (0)',
    zoomIn: 'Ampliar (+)',
    zoomOut: 'Reducir (−)',
    adoptedHint: 'Lo adoptó Vivero (subreaper); normalmente pid 1.',
    emptyTitle: 'Aún no hay nada en marcha',
    empty: 'El proceso que crees crecerá aquí.',
    emptyViewer: 'Lo que arranque la clase crecerá aquí.',
    dismiss: 'Cerrar',
    count: (n: number, key: StateKey) => `${n} ${(n === 1 ? spanish.one : spanish.many)[key]}`,
    short: { zombie: 'terminó; su padre no lo recoge', disk: 'espera a un dispositivo' },
    legend: 'Signos de los estados',
  },
});
