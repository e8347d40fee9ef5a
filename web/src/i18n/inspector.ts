import { section } from './index';

export const inspectorTexts = section({
  en: {},
  es: {},
});
