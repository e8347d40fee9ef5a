import type { JSX } from 'preact';
import { paramName } from '../i18n/names';
import { number } from '../i18n/numbers';
import { spawnTexts } from '../i18n/spawn';
import { paramHelp } from '../i18n/workloads';
import type { WorkloadParam } from '../wire';

/** What was typed as the API wants it: a number for an int. What is no number goes as text: the server says why not. */
export function valueOf(param: WorkloadParam, typed: string): number | string {
  if (param.kind !== 'int') return typed;
  const value = Number(typed);
  return typed.trim() === '' || Number.isNaN(value) ? typed : value;
}

interface Props {
  readonly workload: string;
  readonly param: WorkloadParam;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** One parameter: its name, a field with the bounds that the server told, and what it means. */
export function ParamField({ workload, param, value, onChange }: Props): JSX.Element {
  const t = spawnTexts();
  const help = paramHelp(workload, param.name, param.help);
  const bounds = param.min !== undefined && param.max !== undefined ? t.range(number(param.min), number(param.max)) : '';
  const describedBy = `help-${workload}-${param.name}`;
  return (
    <div class="field-group">
      <label class="field">
        <span class="field-name">{paramName(param.name)}</span>
        {param.kind === 'choice' ? (
          <select value={value} aria-describedby={describedBy} onChange={(e) => onChange(e.currentTarget.value)}>
            {(param.choices ?? []).map((choice) => (
              <option key={choice} value={choice}>
                {paramName(choice)}
              </option>
            ))}
          </select>
        ) : (
          <input
            type="number"
            required
            step={1}
            min={param.min}
            max={param.max}
            value={value}
            aria-describedby={describedBy}
            onInput={(e) => onChange(e.currentTarget.value)}
          />
        )}
      </label>
      <p class="field-help" id={describedBy}>
        {help}
        {bounds !== '' && <span class="field-bounds"> · {bounds}</span>}
      </p>
    </div>
  );
}
