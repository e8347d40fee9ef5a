import type { JSX } from 'preact';
import { inspectorTexts } from '../i18n/inspector';
import { offersFor, perform, takesSignals, type Offer } from '../menu/offers';
import { RefusalNote } from '../shell/RefusalNote';
import { mayAct, OTHER_SIGNALS, sendSignal } from '../state/actions';
import { children, descendantCount } from '../state/family';
import type { Row } from '../state/store';
import { Section } from './Section';

/** What the presenter may do to it; nothing for viewers, for the root and for what has ended. */
export function Actions({ row }: { readonly row: Row }): JSX.Element | null {
  const t = inspectorTexts();
  if (!mayAct.value) return null;
  const offers = offersFor(row, descendantCount(children.value, row.id));
  if (offers.length === 0) return null;
  return (
    <section class="inspector-actions" aria-labelledby="inspector-actions">
      <h3 id="inspector-actions">{t.actions}</h3>
      <div class="action-grid">
        {offers.map((offer) => (
          <button
            key={offer.verb}
            type="button"
            class={classOf(offer)}
            data-verb={offer.verb}
            onClick={() => void perform(offer, row.id, 'inspector')}
          >
            {offer.label}
            {offer.signal !== '' && <small>{offer.signal}</small>}
          </button>
        ))}
      </div>
      <RefusalNote spot="inspector" id={row.id} />
      {takesSignals(row) && (
        <Section name="signals" title={t.other}>
          <div class="signal-grid">
            {OTHER_SIGNALS.map((name) => (
              <button key={name} type="button" class="button" aria-label={t.send(name)} onClick={() => void sendSignal(row.id, name, 'inspector')}>
                {name}
              </button>
            ))}
          </div>
        </Section>
      )}
    </section>
  );
}

function classOf(offer: Offer): string {
  const danger = offer.verb === 'kill' || offer.verb === 'killTree';
  return `button action${danger ? ' danger' : ''}${offer.verb === 'killTree' ? ' wide' : ''}${offer.why === null ? '' : ' idle'}`;
}
