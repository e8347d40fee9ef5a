import { section } from './index';

export const apiTexts = section({
  en: {
    unreachable: 'The server does not answer.',
    odd: (status: number) => `The server gave an answer that the page does not understand (HTTP ${status}).`,
  },
  es: {
    unreachable: 'El servidor no responde.',
    odd: (status: number) => `El servidor dio una respuesta que la página no entiende (HTTP ${status}).`,
  },
});
