/** What happened, as lines: starts, ends, signals and, if asked for, output. A click on a line selects its process. */
import { computed, signal } from '@preact/signals';
import type { JSX } from 'preact';
import { logTexts } from '../i18n/log';
import { processName } from '../i18n/names';
import { phone } from '../shell/phone';
import { select } from '../state/actions';
import { store } from '../state/store';
import type { TreeEvent } from '../wire';
import { DrawerFrame } from './DrawerFrame';
import { LineList } from './LineList';
import { rowNow } from './rownow';
import { KINDS, namesOf, storyOf, type Kind, type Names } from './story';

/** Kinds that are shown; output has a drawer of its own, so it is off at first. */
const shown = signal<ReadonlySet<Kind>>(new Set<Kind>(['spawned', 'exited', 'signalled']));

const events = computed(() => store.events.value.filter((event) => shown.value.has(event.kind)));

const known = computed(() => namesOf(store.events.value));

/** Names by the tree, which knows best, else by the log itself. */
const names: Names = {
  of(id) {
    const row = rowNow(id);
    return row === undefined ? known.value.get(id) : processName(row);
  },
};

export function LogDrawer(): JSX.Element {
  const t = logTexts();
  const list = events.value;
  return (
    <DrawerFrame id="log" title={t.log} tools={<Filter count={list.length} />}>
      {list.length === 0 ? (
        <p class="log-none">{store.events.value.length === 0 ? t.none : t.noneOfKind}</p>
      ) : (
        <LineList class="log-lines" lines={list} keyOf={(event) => event.seq} draw={draw} height={phone.value ? 44 : 28} label={t.lines} />
      )}
    </DrawerFrame>
  );
}

function Filter({ count }: { readonly count: number }): JSX.Element {
  const t = logTexts();
  return (
    <>
      <div class="log-filter" role="group" aria-label={t.show}>
        {KINDS.map((kind) => (
          <button key={kind} type="button" class="log-kind" aria-pressed={shown.value.has(kind)} onClick={() => flip(kind)}>
            {t.kinds[kind]}
          </button>
        ))}
      </div>
      <span class="log-count">{t.kept(count)}</span>
    </>
  );
}

function flip(kind: Kind): void {
  const next = new Set(shown.value);
  if (!next.delete(kind)) next.add(kind);
  shown.value = next;
}

function draw(event: TreeEvent): JSX.Element {
  const story = storyOf(event, names);
  const alive = rowNow(story.id) !== undefined;
  const words = (
    <>
      <time>{story.time}</time>
      <span class="log-words">
        {story.before !== '' && `${story.before} `}
        <b>
          <bdi>{story.name}</bdi>
        </b>{' '}
        <span class="log-pid">{story.pid}</span> {story.after}
        {story.more !== '' && (
          <span class="log-more">
            {' '}
            {story.kind === 'output' ? <code>{story.more}</code> : `· ${story.more}`}
          </span>
        )}
      </span>
    </>
  );
  const classes = `log-line ${story.tone}`;
  return alive ? (
    <button key={story.seq} type="button" class={classes} data-seq={story.seq} data-pid={story.pid} onClick={() => select(story.id)}>
      {words}
    </button>
  ) : (
    <div key={story.seq} class={classes} data-seq={story.seq} data-pid={story.pid}>
      {words}
    </div>
  );
}
