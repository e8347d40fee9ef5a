import { section } from './index';

export const mapTexts = section({
  en: {},
  es: {},
});
