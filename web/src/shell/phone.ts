import { signal } from '@preact/signals';

/** True on a phone: one column, tabs at the foot. */
export const phone = signal(false);

const query = window.matchMedia('(max-width: 480px)');
phone.value = query.matches;
query.addEventListener('change', () => (phone.value = query.matches));
