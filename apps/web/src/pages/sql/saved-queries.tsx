import type { QueryView } from '@ablate/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useId, useRef, useState } from 'react';
import { savedQueriesQuery } from '../../data/queries.ts';
import { request } from '../../data/request.ts';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import css from './saved-queries.module.css';

/** A name for the address and the command line: "Seeds of one config" is seeds-of-one-config. */
const nameOf = (title: string): string =>
  title
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 64);

function SaveDialog({ text, saved }: { text: string; saved: (query: QueryView) => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const [title, setTitle] = useState('');
  const [description, setDescription] = useState('');
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: () =>
      request<QueryView>('/queries', { method: 'POST', body: { name: nameOf(title), title, description, sql: text } }),
    onSuccess: async (query) => {
      await queries.invalidateQueries({ queryKey: ['queries'] });
      dialog.current?.close();
      saved(query);
    },
  });
  return (
    <>
      <button type="button" onClick={() => dialog.current?.showModal()}>
        Save …
      </button>
      <dialog ref={dialog} className={css.dialog} aria-labelledby={heading}>
        <form
          className={css.form}
          onSubmit={(event) => {
            event.preventDefault();
            save.mutate();
          }}
        >
          <h2 id={heading}>Save this query</h2>
          <label>
            Title
            <input value={title} maxLength={200} required onChange={({ target }) => setTitle(target.value)} />
          </label>
          <label>
            Description
            <textarea
              rows={3}
              value={description}
              maxLength={2000}
              onChange={({ target }) => setDescription(target.value)}
            />
          </label>
          <p className={css.note}>
            On the command line: <code>ablate sql --query {nameOf(title) || '…'}</code>. A query of the same name is
            replaced.
          </p>
          {save.error && (
            <p className={css.error} role="alert">
              {save.error.message}
            </p>
          )}
          <div className={css.buttons}>
            <button type="button" onClick={() => dialog.current?.close()}>
              Keep editing
            </button>
            <button type="submit" disabled={nameOf(title) === '' || save.isPending}>
              Save
            </button>
          </div>
        </form>
      </dialog>
    </>
  );
}

type Props = { text: string; open: (query: QueryView) => void };

/** Queries of `studies/queries` and those that users saved: to open, to save, to delete. */
export function SavedQueries({ text, open }: Props) {
  const { data = [] } = useQuery(savedQueriesQuery());
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: (name: string) => request<null>(`/queries/${name}`, { method: 'DELETE' }),
    onSettled: () => queries.invalidateQueries({ queryKey: ['queries'] }),
  });
  const current = data.find(({ sql }) => sql.trim() === text.trim());
  return (
    <>
      <label>
        Saved queries{' '}
        <select
          value={current?.name ?? ''}
          onChange={({ target }) => {
            const found = data.find(({ name }) => name === target.value);
            if (found) open(found);
          }}
        >
          <option value="">choose …</option>
          {[true, false].map((builtIn) => (
            <optgroup key={String(builtIn)} label={builtIn ? 'Come with Ablate' : 'Saved here'}>
              {data
                .filter((query) => query.builtIn === builtIn)
                .map(({ name, title }) => (
                  <option key={name} value={name}>
                    {title}
                  </option>
                ))}
            </optgroup>
          ))}
        </select>
      </label>
      {current && !current.builtIn ? (
        <ConfirmButton
          action="Delete"
          question={`Delete the saved query “${current.title}”?`}
          disabled={remove.isPending}
          onConfirm={() => remove.mutate(current.name)}
        />
      ) : (
        !current && text.trim() !== '' && <SaveDialog text={text} saved={open} />
      )}
      {current?.description && <p className={css.description}>{current.description}</p>}
      {remove.error && (
        <p className={css.error} role="alert">
          {remove.error.message}
        </p>
      )}
    </>
  );
}
