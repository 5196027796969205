import { useEffect, useId, useState } from 'react';
import { alternatives, keysOf, type Schema, valuesOf } from '../../editor/json-schema.ts';
import css from './axes-form.module.css';
import { axesOf } from './spec-schema.ts';
import {
  fieldValues,
  listText,
  readList,
  readSpec,
  type Spec,
  valueAt,
  withFamily,
  withField,
  withValue,
  writeSpec,
} from './spec-text.ts';

type Field = { path: string; name: string; hint?: string; families?: readonly string[] };

/** The usual axes. Several values make an axis, one is fixed. */
const FIELDS: Field[] = [
  { path: 'model.patchSize', name: 'patch size', families: ['vit'] },
  { path: 'model.depth', name: 'depth', families: ['vit'] },
  { path: 'train.optimizer.learningRate', name: 'learning rate' },
  { path: 'augment', name: 'augmentation', hint: 'none, flip, basic' },
  { path: 'dataset.samples', name: 'samples', hint: 'all' },
  { path: 'train.epochs', name: 'epochs' },
];

const ORDERING = 'model.ordering';

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** The family of the model, as far as the spec names it. */
function familyOf(spec: Spec): string {
  const family = valueAt(spec, ['model', 'family']);
  if (typeof family === 'string') return family;
  const preset = valueAt(spec, ['model', 'preset']);
  return typeof preset === 'string' && preset.startsWith('resnet') ? 'resnet' : 'vit';
}

/** The schema of a model's family. */
const modelSchema = (root: Schema | null, family: string): Schema | undefined => {
  const model = root && isRecord(root.properties) ? root.properties.model : undefined;
  if (!isRecord(model)) return undefined;
  return alternatives(model).find((one) =>
    keysOf(one, () => undefined).some(([key, property]) => key === 'family' && valuesOf(property).includes(family)),
  );
};

type ListFieldProps = {
  field: Field;
  values: readonly unknown[] | null;
  fallback: string;
  onChange: (values: unknown[]) => void;
};

/** A list as text. The text is the reader's while it has the focus: "4," is no list yet. */
function ListField({ field, values, fallback, onChange }: ListFieldProps) {
  const written = values === null ? '' : listText(values);
  const [draft, setDraft] = useState(written);
  const [editing, setEditing] = useState(false);
  useEffect(() => {
    if (!editing) setDraft(written);
  }, [editing, written]);
  return (
    <label className={css.field}>
      {field.name}
      <input
        value={draft}
        disabled={values === null}
        placeholder={values === null ? 'in the text' : (field.hint ?? fallback)}
        onFocus={() => setEditing(true)}
        onBlur={() => setEditing(false)}
        onChange={({ target }) => {
          setDraft(target.value);
          onChange(readList(target.value));
        }}
      />
    </label>
  );
}

type OrderingProps = {
  options: readonly string[];
  values: readonly unknown[] | null;
  onChange: (values: unknown[]) => void;
};

function Orderings({ options, values, onChange }: OrderingProps) {
  const id = useId();
  const chosen = values ?? [];
  return (
    <fieldset className={css.choices} disabled={values === null}>
      <legend>ordering{values === null && ' (in the text)'}</legend>
      {options.map((option) => (
        <label key={option} htmlFor={`${id}-${option}`}>
          <input
            id={`${id}-${option}`}
            type="checkbox"
            checked={chosen.includes(option)}
            onChange={({ target }) =>
              onChange(options.filter((one) => (one === option ? target.checked : chosen.includes(one))))
            }
          />
          {option}
        </label>
      ))}
    </fieldset>
  );
}

type Props = { text: string; schema: Schema | null; onChange: (text: string) => void };

/** The usual axes as fields. They write the same text as the editor. */
export function AxesForm({ text, schema, onChange }: Props) {
  const spec = readSpec(text);
  if (!spec) return <p className={css.none}>The form is back when the text is JSON.</p>;
  const change = (next: Spec) => onChange(writeSpec(next));
  const family = familyOf(spec);
  const model = modelSchema(schema, family);
  const properties = model ? new Map(keysOf(model, () => undefined)) : new Map<string, Schema>();
  const ordering = properties.get('ordering');
  const families = schema ? ['vit', 'resnet', 'crossvit'].filter((name) => modelSchema(schema, name)) : [family];
  const seeds = Array.isArray(spec.seeds) ? spec.seeds.length : 3;
  const axes = schema ? axesOf(schema) : new Map<string, Schema>();
  const fallbackOf = (path: string): string => {
    const own = path.startsWith('model.') ? properties.get(path.slice('model.'.length)) : axes.get(path);
    const fallback = own && alternatives(own).find((one) => one.default !== undefined)?.default;
    return fallback === undefined ? '' : JSON.stringify(fallback);
  };
  return (
    <form className={css.form} onSubmit={(event) => event.preventDefault()}>
      <label className={css.field}>
        family
        <select value={family} onChange={({ target }) => change(withFamily(spec, target.value))}>
          {[...new Set([family, ...families])].map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <label className={css.field}>
        seeds
        <input
          type="number"
          min={1}
          max={100}
          value={seeds}
          onChange={({ target }) => {
            const n = Math.min(100, Math.floor(Number(target.value)));
            if (n >= 1)
              change(
                withValue(
                  spec,
                  ['seeds'],
                  Array.from({ length: n }, (_, i) => i + 1),
                ),
              );
          }}
        />
      </label>
      {FIELDS.filter(({ families: of }) => of === undefined || of.includes(family)).map((field) => (
        <ListField
          key={field.path}
          field={field}
          values={fieldValues(spec, field.path)}
          fallback={fallbackOf(field.path)}
          onChange={(values) => change(withField(spec, field.path, values))}
        />
      ))}
      {ordering && (
        <Orderings
          options={valuesOf(ordering).filter((value) => typeof value === 'string')}
          values={fieldValues(spec, ORDERING)}
          onChange={(values) => change(withField(spec, ORDERING, values))}
        />
      )}
      <p className={css.none}>Several values, separated by commas, make an axis.</p>
    </form>
  );
}
