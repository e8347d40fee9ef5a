/** What only the slow look can tell, in sections that open. All names, paths and arguments are hostile text. */
import type { ComponentChildren, JSX } from 'preact';
import { inspectorTexts } from '../i18n/inspector';
import { bytes, duration, number } from '../i18n/numbers';
import { stateTexts } from '../i18n/state';
import { literal } from '../log/literal';
import { store } from '../state/store';
import type { Details } from '../wire';
import { Section } from './Section';

export function Inside({ details }: { readonly details: Details | null }): JSX.Element {
  const t = inspectorTexts();
  const held = <T,>(value: T | null | undefined, draw: (value: T) => ComponentChildren): ComponentChildren =>
    details === null ? <p class="quiet">{t.looking}</p> : value === null || value === undefined ? <p class="quiet">{t.noneReadable}</p> : draw(value);
  return (
    <>
      <Section name="threads" title={t.sections.threads} note={count(details?.tasks)}>
        {held(details?.tasks, (tasks) => (
          <Threads tasks={tasks} workload={details?.workload ?? ''} />
        ))}
      </Section>
      <Section name="memory" title={t.sections.memory}>
        {held(details?.memory, (memory) => (
          <dl class="facts wordy">
            {(['rss', 'pss', 'uss'] as const).map((part) => (
              <div key={part} class="fact">
                <dt>
                  {t.memoryParts[part][0]}
                  <small>{t.memoryParts[part][1]}</small>
                </dt>
                <dd>{memory[part] === null ? t.unknown : bytes(memory[part])}</dd>
              </div>
            ))}
          </dl>
        ))}
      </Section>
      <Section name="descriptors" title={t.sections.descriptors} note={count(details?.descriptors)}>
        {held(details?.descriptors, (descriptors) =>
          descriptors.length === 0 ? (
            <p class="quiet">{t.noDescriptors}</p>
          ) : (
            <ul class="descriptors" tabIndex={0}>
              {descriptors.map(({ fd, target }) => (
                <li key={fd}>
                  <span>
                    {fd} <small>{t.descriptorNames[fd] ?? ''}</small>
                  </span>
                  <code>{literal(target)}</code>
                </li>
              ))}
            </ul>
          ),
        )}
      </Section>
      <Section name="more" title={t.sections.more}>
        {held(details, (known) => (
          <More details={known} />
        ))}
      </Section>
      {store.role.value === 'presenter' && (
        <Section name="secrets" title={t.sections.secrets} shy>
          {held(details, (known) => (
            <Secrets details={known} />
          ))}
        </Section>
      )}
    </>
  );
}

const count = (list: readonly unknown[] | null | undefined): string => (list ? number(list.length) : '');

function Threads({ tasks, workload }: { readonly tasks: NonNullable<Details['tasks']>; readonly workload: string }): JSX.Element {
  const t = inspectorTexts();
  const words = stateTexts();
  // A worker of ours computes on one thread, unless threads are its subject.
  const alone = workload !== '' && workload !== 'threads' && tasks.length > 1;
  return (
    <>
      {alone && <p class="quiet">{t.goRuntime(tasks.length)}</p>}
      <div class="threads-box" tabIndex={0} role="region" aria-label={t.sections.threads}>
        <table class="threads">
          <thead>
            <tr>
              <th scope="col">{t.tid}</th>
              <th scope="col">{t.name}</th>
              <th scope="col">{t.state}</th>
              <th scope="col">{t.cpuSeconds}</th>
              <th scope="col">{t.lastCore}</th>
            </tr>
          </thead>
          <tbody>
            {tasks.map((task) => (
              <tr key={task.tid}>
                <td>{task.tid}</td>
                <td class="thread-name">
                  <bdi>{literal(task.name)}</bdi>
                </td>
                <td title={letterWord(task.state, words)}>{task.state}</td>
                <td>{duration(task.cpu)}</td>
                <td>{task.core < 0 ? '' : task.core}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function letterWord(letter: string, words: ReturnType<typeof stateTexts>): string {
  switch (letter) {
    case 'R':
      return words.computing;
    case 'S':
    case 'I':
      return words.sleeping;
    case 'D':
      return words.disk;
    case 'T':
      return words.stopped;
    case 't':
      return words.traced;
    case 'Z':
    case 'X':
      return words.zombie;
    default:
      return words.unknown;
  }
}

function More({ details }: { readonly details: Details }): JSX.Element {
  const t = inspectorTexts();
  const { switches } = details;
  const parts: readonly (readonly [string, string])[] = [
    [t.moreParts.voluntary, switches ? t.times(number(switches.voluntary)) : t.unknown],
    [t.moreParts.involuntary, switches ? t.times(number(switches.involuntary)) : t.unknown],
    [t.moreParts.nice, typeof details.nice === 'number' ? number(details.nice) : t.unknown],
    [t.moreParts.affinity, details.affinity ?? t.unknown],
    [t.moreParts.user, details.user ?? t.unknown],
  ];
  const paths: readonly (readonly [string, string])[] = [
    [t.moreParts.exe, details.exe ?? t.unknown],
    [t.moreParts.cwd, details.cwd ?? t.unknown],
  ];
  return (
    <>
      <dl class="facts">
        {parts.map(([name, value]) => (
          <div key={name} class="fact">
            <dt>{name}</dt>
            <dd>{literal(value)}</dd>
          </div>
        ))}
      </dl>
      <dl class="paths">
        {paths.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <code>{literal(value)}</code>
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function Secrets({ details }: { readonly details: Details }): JSX.Element {
  const t = inspectorTexts();
  return (
    <>
      <p class="quiet">{t.secretsWarning}</p>
      <h4>{t.commandLine}</h4>
      <Words words={details.cmdline} label={t.commandLine} />
      <h4>{t.environment}</h4>
      <Words words={details.environ} label={t.environment} />
    </>
  );
}

function Words({ words, label }: { readonly words: readonly string[] | null | undefined; readonly label: string }): JSX.Element {
  const t = inspectorTexts();
  if (!words || words.length === 0) return <p class="quiet">{t.noneReadable}</p>;
  return (
    <ul class="words" tabIndex={0} aria-label={label}>
      {words.map((word, i) => (
        <li key={i}>
          <code>{literal(word)}</code>
        </li>
      ))}
    </ul>
  );
}
