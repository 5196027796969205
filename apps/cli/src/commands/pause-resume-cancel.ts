/** The commands that change the state of a sweep or of a run. */
import type { RunView, SweepView } from '@ablate/contracts';
import { apiOf, asJson, examples, type Register } from '../command.ts';
import { idHelp, resolveId } from '../resolve-id.ts';

type Changed = { sweep: SweepView } | { run: RunView };
type Verb = 'pause' | 'resume' | 'cancel';

const stateOf = (changed: Changed): string => ('sweep' in changed ? changed.sweep.state : changed.run.state);

const VERBS: Record<Verb, { description: string; outcome: (changed: Changed, id: string) => string }> = {
  pause: {
    description: 'Pause a sweep or a run. Runs in progress save a checkpoint and stop, within ten seconds by default.',
    outcome: (changed, id) => {
      const running = 'sweep' in changed ? changed.sweep.counts.running : Number(changed.run.state === 'running');
      return `paused${running > 0 ? `, ${running} stopping` : ''}; \`ablate resume ${id}\` resumes it`;
    },
  },
  resume: {
    description: 'Resume a paused sweep or run from its last checkpoints.',
    outcome: (changed) => `${stateOf(changed)}${'run' in changed && changed.run.paused ? ', its sweep is paused' : ''}`,
  },
  cancel: {
    description: 'Cancel a sweep or a run. Runs in progress save a checkpoint and stop, within ten seconds by default.',
    outcome: (changed) =>
      `${stateOf(changed)}${'run' in changed && changed.run.state === 'running' ? ', stopping' : ''}`,
  },
};

const register =
  (verb: Verb): Register =>
  (program, context) => {
    program
      .command(verb)
      .description(VERBS[verb].description)
      .argument('<sweep|run>', idHelp('sweep or a run'))
      .option('--json', 'print JSON')
      .addHelpText('after', examples(`${verb} 7d9f0d52-46a5-4f0e-9d6e-0b1f6a3c1c11`))
      .action(async (text: string, { json = false }: { json?: boolean }) => {
        const api = await apiOf(context);
        const { kind, id } = await resolveId(api, text, ['sweep', 'run']);
        const changed = kind === 'sweep' ? { sweep: await api.sweeps[verb](id) } : { run: await api.runs[verb](id) };
        context.print(json ? asJson(changed) : `${kind} ${id}: ${VERBS[verb].outcome(changed, id)}`);
      });
  };

export const pause = register('pause');
export const resume = register('resume');
export const cancel = register('cancel');
