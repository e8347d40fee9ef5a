import { section } from './index';
import { number } from './numbers';

/** Steps of 100 ms and finer need their digits, whole seconds none: 2, 0.5, 0.25. */
function seconds(ms: number): string {
  const s = ms / 1000;
  const digits = s % 1 === 0 ? 0 : (s * 10) % 1 === 0 ? 1 : 2;
  return number(s, digits);
}

/** Pause, Step, slow motion, Repeat. */
export const timeTexts = section({
  en: {
    time: 'Time',
    pause: 'Pause',
    resume: 'Resume',
    step: 'Step',
    stepHint: 'Each process goes on to its next gate',
    slow: 'Slow motion',
    pace: (ms: number) => (ms === 0 ? 'full speed' : `+${seconds(ms)}\u00a0s a step`),
    slowed: (pace: string) => `Slow motion: ${pace}`,
    paused: 'Paused',
    /** what the toolbar says meanwhile */
    pausedNote: 'paused: what is measured does not count',
    slowNote: 'slow motion: what is measured does not count',
    ungated: (n: number, names: string) => (n === 1 ? `1 process cannot be held: ${names}` : `${number(n)} processes cannot be held: ${names}`),
    ungatedWhy: 'Only programs with Vivero’s gates stop there: its own workers, and Python with the probe. The others go on.',
    repeat: 'Repeat',
    repeatHint: (what: string) => `Start once more: ${what}`,
    nothingToRepeat: 'Nothing has been started from this page yet',
  },
  es: {
    time: 'Tiempo',
    pause: 'Pausa',
    resume: 'Seguir',
    step: 'Paso',
    stepHint: 'Cada proceso sigue hasta su próxima puerta',
    slow: 'Cámara lenta',
    pace: (ms: number) => (ms === 0 ? 'sin freno' : `+${seconds(ms)}\u00a0s por paso`),
    slowed: (pace: string) => `Cámara lenta: ${pace}`,
    paused: 'En pausa',
    pausedNote: 'en pausa: lo medido no cuenta',
    slowNote: 'cámara lenta: lo medido no cuenta',
    ungated: (n: number, names: string) => (n === 1 ? `1 proceso no se puede frenar: ${names}` : `${number(n)} procesos no se pueden frenar: ${names}`),
    ungatedWhy: 'Solo paran los programas con puertas de Vivero: sus propios procesos y Python con la sonda. Los demás siguen.',
    repeat: 'Repetir',
    repeatHint: (what: string) => `Empezar otra vez: ${what}`,
    nothingToRepeat: 'Aún no se ha creado nada desde esta página',
  },
});
