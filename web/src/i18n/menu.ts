import { section } from './index';

/** What may be done to a process, and why it would do nothing. */
export const menuTexts = section({
  en: {
    actions: (name: string, pid: number) => `Actions on ${name}, pid ${pid}`,
    pid: (pid: number) => `pid ${pid}`,
    stop: 'Stop',
    continue: 'Continue',
    child: 'New child',
    terminate: 'Terminate',
    kill: 'Kill',
    killTree: (all: number) => `Kill it and all below (${all})`,
    other: 'Other signals',
    check: 'Check it yourself',
    copied: 'Copied: paste it in a terminal',
    selected: 'Selected: copy it with Ctrl+C',
    zombie: (ppid: number) =>
      `It has ended already: a signal finds nobody. The entry goes when its parent (pid ${ppid}) collects it with wait(), or when that parent ends.`,
    stopped: 'It is stopped and cannot start a child: Continue first.',
    over: 'It has ended.',
  },
  es: {
    actions: (name: string, pid: number) => `Acciones sobre ${name}, pid ${pid}`,
    pid: (pid: number) => `pid ${pid}`,
    stop: 'Detener',
    continue: 'Continuar',
    child: 'Crear hijo',
    terminate: 'Terminar',
    kill: 'Matar',
    killTree: (all: number) => `Matar también a sus descendientes (${all})`,
    other: 'Otras señales',
    check: 'Compruébalo',
    copied: 'Copiado: pégalo en un terminal',
    selected: 'Seleccionado: cópialo con Ctrl+C',
    zombie: (ppid: number) =>
      `Ya ha terminado: una señal no encuentra a nadie. La entrada desaparece cuando su padre (pid ${ppid}) la recoge con wait(), o cuando ese padre termina.`,
    stopped: 'Está detenido y no puede crear un hijo: antes, Continuar.',
    over: 'Ha terminado.',
  },
});
