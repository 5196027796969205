import type { CheckpointView } from '@ablate/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { checkpointsQuery } from '../../data/queries.ts';
import { request } from '../../data/request.ts';
import { compact, count, percent } from '../../format/number.ts';
import { Moment } from '../../format/time.tsx';
import { Scroll } from '../../parts/scroll.tsx';
import { Loading } from '../../parts/states.tsx';
import css from './run-page.module.css';

function usePin(runId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, pinned }: CheckpointView) =>
      request<CheckpointView>(`/checkpoints/${id}/pin`, { method: pinned ? 'DELETE' : 'PUT' }),
    onSettled: () => queries.invalidateQueries({ queryKey: ['checkpoints', runId] }),
  });
}

/** The stored weights: to download, and to keep from garbage collection. */
export function Checkpoints({ id }: { id: string }) {
  const { data: checkpoints } = useQuery(checkpointsQuery(id));
  const pin = usePin(id);
  return (
    <section aria-labelledby="checkpoints">
      <h2 id="checkpoints">Checkpoints</h2>
      {!checkpoints && <Loading what="checkpoints" />}
      {checkpoints?.length === 0 && <p className={css.quiet}>No checkpoint is stored.</p>}
      {pin.error && (
        <p className={css.refused} role="alert">
          {pin.error.message}
        </p>
      )}
      {checkpoints && checkpoints.length > 0 && (
        <Scroll label="Checkpoints" className={css.scroll}>
          <table className={css.table}>
            <thead>
              <tr>
                <th scope="col">kind</th>
                <th scope="col">epoch</th>
                <th scope="col">validation %</th>
                <th scope="col">written</th>
                <th scope="col">file</th>
                <th scope="col">
                  <span className="visually-hidden">keep</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {checkpoints.map((checkpoint) => (
                <tr key={checkpoint.id}>
                  <th scope="row">{checkpoint.kind}</th>
                  <td title={`step ${count(checkpoint.step)}`}>{checkpoint.epoch}</td>
                  <td>{checkpoint.valAccuracy === null ? '–' : percent(checkpoint.valAccuracy)}</td>
                  <td>
                    <Moment at={checkpoint.createdAt} />
                  </td>
                  <td>
                    <a href={`/api/v1/checkpoints/${checkpoint.id}`} download>
                      {compact(checkpoint.bytes)}B<span className="visually-hidden"> {checkpoint.kind}</span>
                    </a>
                  </td>
                  <td>
                    <button
                      type="button"
                      className={css.small}
                      aria-pressed={checkpoint.pinned}
                      disabled={pin.isPending}
                      title="A pinned checkpoint is kept until somebody unpins it"
                      onClick={() => pin.mutate(checkpoint)}
                    >
                      {checkpoint.pinned ? 'Unpin' : 'Pin'}
                    </button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </section>
  );
}
