/** The trainer's end of the channel to its worker: takes one run after another, and says what comes of each. It knows no database and no queue. */
import { type TrainCommand, TrainerCommand, type TrainerEvent, type TrainerReady } from '@ablate/contracts';
import { Stopped } from '@ablate/training';
import { causeOf } from './cause-of.ts';

/** Train one run; `stop` is aborted with `Stopped`. Throws what goes wrong. */
export type Training = (command: TrainCommand, stop: AbortSignal) => AsyncIterable<TrainerEvent>;

/** Serve the parent of this process until it is gone. It is told that the trainer is ready once `prepare` is done. */
export async function serveTraining(prepare: () => Promise<Training>): Promise<void> {
  const send = process.send?.bind(process);
  if (send === undefined) throw new Error('the trainer is started by a worker, over IPC');

  // Ctrl-C reaches the whole process group; the worker asks us to stop in order. Once it is gone, so are we.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => {});
  process.on('disconnect', () => process.exit(0));

  const training = await prepare().catch((error: unknown) => {
    // The reason comes last: it is what the worker repeats.
    console.error(error);
    console.error(`the trainer cannot start: ${error instanceof Error ? error.message : error}`);
    process.exit(1);
  });
  const say = (event: TrainerEvent) => send(event);
  let stop: AbortController | undefined;

  async function train(command: TrainCommand): Promise<void> {
    if (stop !== undefined) throw new Error('a trainer trains one run at a time');
    stop = new AbortController();
    // How it ended is said when all that it held is closed: the worker sends the next run at once.
    let end: TrainerEvent | undefined;
    try {
      for await (const event of training(command, stop.signal))
        if (event.type === 'finished' || event.type === 'failed') end = event;
        else say(event);
    } catch (error) {
      end = { type: 'failed', ...causeOf(error) };
    } finally {
      stop = undefined;
    }
    if (end) say(end);
  }

  process.on('message', (message) => {
    const command = TrainerCommand.safeParse(message);
    if (!command.success)
      say({ type: 'failed', cause: 'user_error', message: `not a run that can be trained: ${command.error.message}` });
    else if (command.data.type === 'train') void train(command.data);
    else stop?.abort(new Stopped(command.data.cause));
  });
  const ready: TrainerReady = { type: 'ready' };
  send(ready);
}
