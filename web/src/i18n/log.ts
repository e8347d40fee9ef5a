import { section } from './index';

export const logTexts = section({
  en: {},
  es: {},
});
