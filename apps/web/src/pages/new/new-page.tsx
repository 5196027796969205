import type { Plan, SweepView } from '@ablate/contracts';
import { json, jsonLanguage } from '@codemirror/lang-json';
import type { Diagnostic } from '@codemirror/lint';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { RequestError, request } from '../../data/request.ts';
import { completeJson } from '../../editor/complete-json.ts';
import Editor from '../../editor/editor.tsx';
import { locate, syntaxError } from '../../editor/json-pointer.ts';
import { plural } from '../../format/number.ts';
import { navigate, useSearch } from '../../router/location.ts';
import { to } from '../../router/routes.ts';
import { AxesForm } from './axes-form.tsx';
import { draftOf, keepDraft } from './draft.ts';
import css from './new-page.module.css';
import { PlanTable } from './plan-table.tsx';
import { specSchemaQuery, specSchemas } from './spec-schema.ts';
import { TEMPLATES } from './templates.ts';

const CHECK_AFTER_MS = 400;

type Checked = { diagnostics: Diagnostic[]; plan: Plan | null; problem: string | null };

const NOTHING: Checked = { diagnostics: [], plan: null, problem: null };

async function check(text: string, signal: AbortSignal): Promise<Checked> {
  const broken = syntaxError(text);
  if (broken) {
    const diagnostics = [{ ...broken, severity: 'error' as const, message: 'expected JSON here' }];
    return { ...NOTHING, diagnostics, problem: 'The spec is not valid JSON yet.' };
  }
  try {
    const plan = await request<Plan>('/sweeps?dryRun=true', { method: 'POST', body: JSON.parse(text), signal });
    return { ...NOTHING, plan };
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    const fields = error.problem?.errors ?? [];
    return {
      plan: null,
      problem: fields.length > 0 ? `${plural(fields.length, 'field')} to correct` : error.message,
      diagnostics: fields.map(({ pointer, detail }) => ({
        ...locate(text, pointer),
        severity: 'error' as const,
        message: `${pointer || '/'}: ${detail}`,
      })),
    };
  }
}

function Problems({ checked, text }: { checked: Checked; text: string }) {
  if (checked.problem === null) return null;
  const lineOf = (from: number) => text.slice(0, from).split('\n').length;
  return (
    <section className={css.problems} role="status">
      <h2>{checked.problem}</h2>
      <ul>
        {checked.diagnostics.map(({ from, message }) => (
          <li key={`${from} ${message}`}>
            line {lineOf(from)}: <bdi>{message}</bdi>
          </li>
        ))}
      </ul>
    </section>
  );
}

export default function NewPage() {
  const queries = useQueryClient();
  const [search, change] = useSearch();
  const template = TEMPLATES.find(({ name }) => name === search.get('from')) ?? TEMPLATES[0];
  const [text, setText] = useState(draftOf(template?.name) ?? template?.text ?? '{}');
  const { data: schema = null } = useQuery(specSchemaQuery());
  const language = useMemo(
    () => [json(), ...(schema ? [jsonLanguage.data.of({ autocomplete: completeJson(specSchemas(schema)) })] : [])],
    [schema],
  );
  const [checked, setChecked] = useState<Checked>(NOTHING);
  useEffect(() => {
    document.title = 'New sweep · Ablate';
  }, []);
  useEffect(() => keepDraft(template?.name, text === template?.text ? null : text), [template, text]);
  useEffect(() => {
    const leaving = new AbortController();
    const timer = setTimeout(() => {
      check(text, leaving.signal).then(setChecked, (error: unknown) => {
        if (!leaving.signal.aborted) throw error;
      });
    }, CHECK_AFTER_MS);
    return () => {
      clearTimeout(timer);
      leaving.abort();
    };
  }, [text]);
  const submit = useMutation({
    mutationFn: () => request<SweepView>('/sweeps', { method: 'POST', body: JSON.parse(text) }),
    onSuccess: (sweep) => {
      keepDraft(template?.name, null);
      void queries.invalidateQueries({ queryKey: ['sweeps'] });
      navigate(to.sweep(sweep.id));
    },
  });
  const ready = checked.plan !== null && !submit.isPending;
  const diagnostics = useMemo(() => checked.diagnostics, [checked]);
  return (
    <>
      <div className={css.head}>
        <h1>New sweep</h1>
        <label>
          Start from{' '}
          <select
            value={template?.name}
            onChange={({ target }) => {
              const chosen = TEMPLATES.find(({ name }) => name === target.value);
              change({ from: target.value });
              setText(draftOf(chosen?.name) ?? chosen?.text ?? text);
            }}
          >
            {TEMPLATES.map(({ name, title }) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
          </select>
        </label>
        {template && text !== template.text && (
          <button type="button" onClick={() => setText(template.text)}>
            Undo all changes
          </button>
        )}
        <button type="button" className={css.submit} disabled={!ready} onClick={() => submit.mutate()}>
          {submit.isPending ? 'Submitting …' : checked.plan ? `Submit ${plural(checked.plan.runs, 'run')}` : 'Submit'}
        </button>
      </div>
      <div className={css.columns}>
        <div className={css.editor}>
          <Editor
            label="Spec of the sweep, JSON"
            value={text}
            language={language}
            diagnostics={diagnostics}
            onChange={setText}
            onSubmit={() => ready && submit.mutate()}
          />
        </div>
        <div className={css.side}>
          <AxesForm text={text} schema={schema} onChange={setText} />
          {submit.error && (
            <p className={css.refused} role="alert">
              {submit.error.message}
            </p>
          )}
          <Problems checked={checked} text={text} />
          {checked.plan && <PlanTable plan={checked.plan} />}
        </div>
      </div>
    </>
  );
}
