import type { SweepView } from '@ablate/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { request } from '../../data/request.ts';
import { Empty } from '../../parts/states.tsx';
import { Link } from '../../router/link.tsx';
import { navigate } from '../../router/location.ts';
import { to } from '../../router/routes.ts';
import css from './no-sweeps.module.css';

const COMMANDS: [command: string, does: string][] = [
  ['npx ablate submit studies/first-run/sweep.json --wait', 'submits the sample and waits for it'],
  ['npx ablate ls', 'lists the sweeps'],
  ['npx ablate answer', 'prints the answer of the newest'],
];

/** The first page of a new installation: three commands, or one button. */
export function NoSweeps() {
  const queries = useQueryClient();
  const submit = useMutation({
    mutationFn: async () => {
      const { TEMPLATES } = await import('../new/templates.ts');
      const sample = TEMPLATES.find(({ name }) => name === 'first-run');
      if (!sample) throw new Error('these pages were built without studies/first-run/sweep.json');
      return request<SweepView>('/sweeps', { method: 'POST', body: JSON.parse(sample.text) });
    },
    onSuccess: (sweep) => {
      void queries.invalidateQueries({ queryKey: ['sweeps'] });
      navigate(to.sweep(sweep.id));
    },
  });
  return (
    <Empty title="No sweeps yet">
      <p>
        A sweep trains every config of a spec with several seeds, and says what is better, by how much, and whether it
        is more than noise. The sample compares patch sizes and block orders of a small ViT, and a ResNet-20: five
        configs, three seeds, about two minutes on two cores.
      </p>
      <p className={css.buttons}>
        <button type="button" className={css.submit} disabled={submit.isPending} onClick={() => submit.mutate()}>
          {submit.isPending ? 'Submitting …' : 'Run the sample'}
        </button>
        <Link href={to.new()}>Write a sweep</Link>
      </p>
      {submit.error && (
        <p className={css.refused} role="alert">
          {submit.error.message}
        </p>
      )}
      <p>The same from a terminal:</p>
      <dl className={css.commands}>
        {COMMANDS.map(([command, does]) => (
          <div key={command}>
            <dt>
              <code>{command}</code>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </Empty>
  );
}
