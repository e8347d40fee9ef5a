import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { Chip } from '../badge/Chip';
import { DotMark } from './DotMark';
import { memo } from './memo';
import { CardPainter } from './paint';
import type { Spot } from './scene';

interface Props {
  readonly spot: Spot;
  readonly selected: boolean;
  /** the one card that Tab reaches */
  readonly stop: boolean;
  /** it is new and glows for a second */
  readonly fresh: boolean;
  /** false: the search found others, so it is dimmed */
  readonly found: boolean;
}

/** A card: its place and its parts are here, all that changes by itself is written by the painter. */
export const Card = memo(function Card({ spot, selected, stop, fresh, found }: Props): JSX.Element {
  const card = useRef<HTMLDivElement>(null);
  const { id, kind } = spot;
  useLayoutEffect(() => {
    if (card.current === null) return;
    const painter = new CardPainter(card.current, id);
    return () => painter.dispose();
  }, [id, kind]);

  const classes = ['card', `kind-${kind}`];
  if (spot.level === 1) classes.push('root');
  if (selected) classes.push('selected');
  if (fresh) classes.push('fresh');
  if (!found) classes.push('dim');
  return (
    <div
      ref={card}
      key={kind}
      class={classes.join(' ')}
      role="treeitem"
      id={`card-${id}`}
      data-id={id}
      tabIndex={stop ? 0 : -1}
      aria-level={spot.level}
      aria-posinset={spot.place}
      aria-setsize={spot.siblings}
      aria-selected={selected}
      aria-expanded={spot.hasChildren ? true : undefined}
      style={{ transform: `translate(${spot.x}px, ${spot.y}px)`, width: `${spot.w}px`, height: `${spot.h}px` }}
    >
      <div class="card-inside">
        <Inside spot={spot} />
        <i class="card-track">
          <i class="card-bar" />
        </i>
      </div>
    </div>
  );
});

function Inside({ spot }: { readonly spot: Spot }): JSX.Element {
  const chip = <Chip id={spot.id} />;
  const name = <b class="card-name" dir="auto" />;
  const bare = <span class="card-pid" data-bare="" />;
  const cpu = <span class="card-cpu" />;
  const root = spot.level === 1;
  switch (spot.kind) {
    case 'L':
      return (
        <>
          <div class="card-row">{chip}{name}</div>
          <div class="card-row"><Mark /><span class="card-word look-word" /></div>
          <p class="card-reason"><span class="card-reason-text" /> <InHand /></p>
          <div class="card-row card-foot"><span class="card-pid" />{cpu}</div>
        </>
      );
    case 'M':
      return (
        <>
          <div class="card-row">{chip}<span class="card-pid" />{cpu}</div>
          <div class="card-row"><Mark /><span class="card-brief look-word" /><InHand /></div>
        </>
      );
    case 'S':
      return root ? (
        <>
          <div class="card-row"><Mark />{name}</div>
          <div class="card-row"><span class="card-pid" /></div>
        </>
      ) : (
        <>
          <div class="card-row"><Mark />{chip}{name}{bare}</div>
          <div class="card-row"><span class="card-line" /><InHand />{cpu}</div>
        </>
      );
    case 'bed':
    case 'crowd':
      return <div class="card-row"><Mark />{chip}{bare}<InHand /><span class="card-tail" /></div>;
    case 'row':
      return (
        <>
          <div class="card-row">{chip}{name}<span class="card-pid" /></div>
          <div class="card-row"><Mark /><span class="card-word look-word" />{!root && cpu}</div>
          {!root && <p class="card-reason"><span class="card-reason-text" /> <InHand /></p>}
        </>
      );
  }
}

/** The message that it works on, as it looks in the channel. */
function InHand(): JSX.Element {
  return (
    <svg class="card-hand" viewBox="-12 -12 24 24" aria-hidden="true" focusable="false">
      <DotMark r={11} />
    </svg>
  );
}

function Mark(): JSX.Element {
  return (
    <svg class="card-mark" viewBox="0 0 22 22" aria-hidden="true" focusable="false">
      <g class="card-badge">
        <path class="card-shape" />
        <text class="card-letter" x={11} y={15.4} text-anchor="middle" />
      </g>
    </svg>
  );
}
