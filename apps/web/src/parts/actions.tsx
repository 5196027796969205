/** What a reader can do with a sweep or a run: the buttons of its state. */
import type { RunView, SweepDetail } from '@ablate/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { request } from '../data/request.ts';
import { plural } from '../format/number.ts';
import css from './actions.module.css';
import { ConfirmButton } from './confirm-button.tsx';

function useAction(path: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (action: string) => request<unknown>(`${path}/${action}`, { method: 'POST' }),
    onSettled: () => queries.invalidateQueries(),
  });
}

export function SweepActions({ sweep }: { sweep: SweepDetail }) {
  const act = useAction(`/sweeps/${sweep.id}`);
  const { queued, running } = sweep.counts;
  const open = queued + running > 0 && sweep.state !== 'cancelled';
  return (
    <div className={css.actions}>
      {open && sweep.state !== 'paused' && (
        <button type="button" disabled={act.isPending} onClick={() => act.mutate('pause')}>
          Pause
        </button>
      )}
      {open && sweep.state === 'paused' && (
        <button type="button" disabled={act.isPending} onClick={() => act.mutate('resume')}>
          Resume
        </button>
      )}
      {open && (
        <ConfirmButton
          action="Cancel sweep"
          question={`Cancel ${plural(queued + running, 'run')} that ${queued + running === 1 ? 'has' : 'have'} not finished? Results so far stay.`}
          disabled={act.isPending}
          onConfirm={() => act.mutate('cancel')}
        />
      )}
      {act.error && (
        <span className={css.error} role="alert">
          {act.error.message}
        </span>
      )}
    </div>
  );
}

export function RunActions({ run }: { run: RunView }) {
  const act = useAction(`/runs/${run.id}`);
  const open = run.state === 'queued' || run.state === 'running';
  return (
    <div className={css.actions}>
      {open && (
        <button type="button" disabled={act.isPending} onClick={() => act.mutate(run.paused ? 'resume' : 'pause')}>
          {run.paused ? 'Resume' : 'Pause'}
        </button>
      )}
      {open && (
        <ConfirmButton
          action="Cancel run"
          question="Cancel this run? Its checkpoints stay."
          disabled={act.isPending}
          onConfirm={() => act.mutate('cancel')}
        />
      )}
      {(run.state === 'failed' || run.state === 'cancelled') && (
        <button type="button" disabled={act.isPending} onClick={() => act.mutate('retry')}>
          Retry
        </button>
      )}
      {act.error && (
        <span className={css.error} role="alert">
          {act.error.message}
        </span>
      )}
    </div>
  );
}
