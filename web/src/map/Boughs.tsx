import type { JSX } from 'preact';
import { mapTexts } from '../i18n/map';
import { plot } from './plot';
import type { Scene } from './scene';

/** What lies under the cards: frames of beds, and the stems. Decoration: the tree itself says who stands under whom. */
export function Boughs({ scene }: { readonly scene: Scene }): JSX.Element {
  return (
    <svg class="boughs" width="1" height="1" aria-hidden="true" focusable="false">
      {[...scene.beds.values()]
        .filter((bed) => !bed.folded)
        .map((bed) => (
          <rect key={bed.key} class="bed" x={bed.x} y={bed.y} width={bed.w} height={bed.h} rx={16} />
        ))}
      {scene.stems.filter((stem) => !leadsNowhere(stem.key)).map((stem) => (
        <path key={stem.key} class={stem.adopted ? 'stem adopted' : 'stem'} d={stem.d} stroke-width={stem.adopted ? 4 : stem.width} />
      ))}
    </svg>
  );
}

/** Its card has faded and only its place is kept. The twigs of a chain end in the card's key too. */
const leadsNowhere = (key: string): boolean => {
  const id = /(?:^|\/)p(\d+)$/.exec(key)?.[1];
  return id !== undefined && plot.kept.has(Number(id));
};

/** The name that alike siblings share, once, and the way back into a stack. */
export function BedNames({ scene }: { readonly scene: Scene }): JSX.Element {
  const t = mapTexts();
  return (
    <>
      {[...scene.beds.values()]
        .filter((bed) => !bed.folded && bed.label !== '')
        .map((bed) => (
          <p key={bed.key} class="bed-name" style={{ transform: `translate(${bed.x}px, ${bed.y}px)`, width: `${bed.w}px` }}>
            <bdi>{bed.label}</bdi> <span>{t.times(bed.ids.length)}</span>
            {bed.crowd && (
              <button
                type="button"
                class="bed-fold"
                aria-label={t.foldThis(bed.label, bed.ids.length)}
                onClick={() => plot.fold(bed.key, true)}
              >
                {t.fold}
              </button>
            )}
          </p>
        ))}
    </>
  );
}
