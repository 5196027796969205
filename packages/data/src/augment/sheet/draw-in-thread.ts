/** Contact sheets drawn beside the caller's event loop. */
import { Worker } from 'node:worker_threads';
import { SheetError } from './contact-sheet.ts';
import type { SheetRequest } from './draw-sheet.ts';

const ENTRY = new URL('thread.mjs', import.meta.url);

/** What a sheet's thread says, once. `refused` is for whoever asked. */
export type SheetAnswer = { png: Uint8Array } | { refused: string };

/**
 * As `drawSheet`, in a thread of its own, which ends with the answer.
 * @throws SheetError when the data set cannot be opened or the sheet would be too large
 */
export function drawSheetInThread(request: SheetRequest, { signal }: { signal: AbortSignal }): Promise<Uint8Array> {
  signal.throwIfAborted();
  const thread = new Worker(ENTRY, { workerData: request, name: 'contact sheet' });
  const end = (): void => void thread.terminate();
  signal.addEventListener('abort', end);
  const drawn = new Promise<Uint8Array>((resolve, reject) => {
    thread.on('message', (answer: SheetAnswer) =>
      'png' in answer ? resolve(answer.png) : reject(new SheetError(answer.refused)),
    );
    thread.on('error', reject);
    thread.on('exit', (code) => reject(new Error(`the thread of a contact sheet ended with code ${code}`)));
  });
  return drawn.finally(() => signal.removeEventListener('abort', end));
}
