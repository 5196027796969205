import { useMutation } from '@tanstack/react-query';
import { type DragEvent, useState } from 'react';
import { useSearch } from '../../router/location.ts';
import css from './inside.module.css';
import { askPicture } from './inspections.ts';

/** Where a reader drops a picture, or chooses one: a worker shows what the runs look at on it. */
export function OwnPicture({ runs }: { runs: readonly string[] }) {
  const [search, change] = useSearch();
  const [over, setOver] = useState(false);
  const asking = useMutation({
    mutationFn: (picture: Blob) => Promise.all(runs.map((run) => askPicture(run, picture))),
    onSuccess: (ids) => change({ picture: ids.join(','), patch: undefined }),
  });
  const drag = (is: boolean) => (event: DragEvent) => {
    event.preventDefault();
    setOver(is);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would have a legend
    <div
      role="group"
      aria-label="A picture of your own"
      className={css.drop}
      data-over={over || undefined}
      data-checked={search.has('picture') || undefined}
      onDragOver={drag(true)}
      onDragLeave={drag(false)}
      onDrop={(event) => {
        drag(false)(event);
        const [file] = event.dataTransfer.files;
        if (file) asking.mutate(file);
      }}
    >
      <label>
        Or a picture of your own: drop it here, or{' '}
        <input
          type="file"
          accept="image/png,image/jpeg"
          onChange={({ target }) => {
            const [file] = target.files ?? [];
            if (file) asking.mutate(file);
          }}
        />
      </label>
      {asking.isPending && <span role="status">sending …</span>}
      {asking.error && <span role="alert">{asking.error.message}</span>}
    </div>
  );
}
