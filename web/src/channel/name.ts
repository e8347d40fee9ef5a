import { channelTexts } from '../i18n/channel';
import { madeName } from '../i18n/names';
import { literal } from '../log/literal';
import type { Channel } from '../wire';

/** What a person calls it: the name that its makers gave it, else what it is. Hostile text made visible. */
export function channelName({ name, kind, made }: Pick<Channel, 'name' | 'kind' | 'made'>): string {
  if (name === '') return channelTexts().kinds[kind];
  return made ? madeName(name) : literal(name);
}
