import { section } from './index';
import { number } from './numbers';

/** The drawer that starts processes. */
export const spawnTexts = section({
  en: {
    title: 'Create processes',
    close: 'Close',
    what: 'What it does',
    count: 'how many',
    parent: 'Parent',
    underVivero: 'Vivero itself',
    range: (min: string, max: string) => `${min} to ${max}`,
    start: (n: number) => (n === 1 ? 'Create 1 process' : `Create ${number(n)} processes`),
    busy: 'Creating…',
    loading: 'Asking the server what it can start…',
    again: 'Try again',
    gone: 'has ended',
  },
  es: {
    title: 'Crear procesos',
    close: 'Cerrar',
    what: 'Qué hace',
    count: 'cuántos',
    parent: 'Padre',
    underVivero: 'Vivero mismo',
    range: (min: string, max: string) => `de ${min} a ${max}`,
    start: (n: number) => (n === 1 ? 'Crear 1 proceso' : `Crear ${number(n)} procesos`),
    busy: 'Creando…',
    loading: 'Preguntando al servidor qué puede crear…',
    again: 'Probar otra vez',
    gone: 'terminó',
  },
});
