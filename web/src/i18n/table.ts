import { section } from './index';

export const tableTexts = section({
  en: {},
  es: {},
});
