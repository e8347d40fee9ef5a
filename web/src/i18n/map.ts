import { section } from './index';

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
    rssSum: 'RSS, summed',
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
    news: (born: number, ended: number) =>
      [born > 0 ? `${born} new ${born === 1 ? 'process' : 'processes'}` : '', ended > 0 ? `${ended} ended` : '']
        .filter((part) => part !== '')
        .join(', '),
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
    rssSum: 'RSS, sumada',
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
    news: (born: number, ended: number) =>
      [
        born > 0 ? `${born} ${born === 1 ? 'proceso nuevo' : 'procesos nuevos'}` : '',
        ended > 0 ? `${ended} ${ended === 1 ? 'terminó' : 'terminaron'}` : '',
      ]
        .filter((part) => part !== '')
        .join(', '),
    legend: 'Signos de los estados',
  },
});
