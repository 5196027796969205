/**
 * The trainer's end of its protocol: one command in, its events out, over the IPC channel to the worker. The messages are
 * in `packages/contracts/src/trainer.ts`, the worker's end in `apps/worker/src/trainer-process.ts`.
 */
import {
  isLastEvent,
  type TrainCommand,
  TrainerCommand,
  type TrainerEvent,
  type TrainerReady,
} from '@ablate/contracts';
import { failureOf, Stopped } from './endings.ts';

/** Train one run; `stop` is aborted with `Stopped`. Throws any failure. */
export type Training = (command: TrainCommand, stop: AbortSignal) => AsyncIterable<TrainerEvent>;

/** Serve the parent process until the channel closes. Sends `ready` once `prepare` resolves; exits with code 1 if it rejects. */
export async function serveTraining(
  prepare: () => Promise<{ training: Training } & Omit<TrainerReady, 'type'>>,
): Promise<void> {
  const post = process.send?.bind(process);
  if (post === undefined) throw new Error('the trainer needs an IPC channel: it is started by a worker');

  // Ctrl-C reaches the whole process group; the worker sends a stop command instead, or closes the channel.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => {});
  process.on('disconnect', () => process.exit(0));

  const { training, ...facts } = await prepare().catch((error: unknown) => {
    // The reason comes last: the worker reports the last lines.
    console.error(error);
    console.error(`the trainer cannot start: ${error instanceof Error ? error.message : error}`);
    process.exit(1);
  });
  const send = (event: TrainerEvent) => post(event);
  let stop: AbortController | undefined;

  async function train(command: TrainCommand): Promise<void> {
    if (stop !== undefined) throw new Error('a trainer trains one run at a time');
    stop = new AbortController();
    // The last event is sent after everything is closed: the worker sends the next run at once.
    let end: TrainerEvent | undefined;
    try {
      for await (const event of training(command, stop.signal))
        if (isLastEvent(event)) end = event;
        else send(event);
    } catch (error) {
      end = { type: 'failed', ...failureOf(error) };
    } finally {
      stop = undefined;
    }
    if (end) send(end);
  }

  process.on('message', (message) => {
    const command = TrainerCommand.safeParse(message);
    if (!command.success)
      send({ type: 'failed', cause: 'user_error', message: `invalid train command: ${command.error.message}` });
    else if (command.data.type === 'train') void train(command.data);
    else stop?.abort(new Stopped(command.data.cause));
  });
  const ready: TrainerReady = { type: 'ready', ...facts };
  post(ready);
}
