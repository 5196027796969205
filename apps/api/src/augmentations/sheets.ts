/** Contact sheets for requests: one is drawn at a time, since each holds a data set in memory. */
import { drawSheetInThread, SheetError, type SheetRequest } from '@ablate/data';
import { ApiError } from '../errors.ts';

const MOST_WAITING = 8;

export type Sheets = {
  /** A PNG file. Refuses (`conflict`) what cannot be drawn, and (`unavailable`) when too many wait. */
  draw(request: Omit<SheetRequest, 'places'>): Promise<Uint8Array>;
  /** End the thread that draws; whoever waits is refused. */
  close(): void;
};

export function openSheets(places: SheetRequest['places']): Sheets {
  const closing = new AbortController();
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;

  async function drawOne(request: Omit<SheetRequest, 'places'>): Promise<Uint8Array> {
    if (closing.signal.aborted) throw new ApiError('unavailable', 'the server is ending');
    try {
      return await drawSheetInThread({ ...request, places }, { signal: closing.signal });
    } catch (error) {
      if (error instanceof SheetError) throw new ApiError('conflict', error.message);
      if (closing.signal.aborted) throw new ApiError('unavailable', 'the server is ending');
      throw error;
    }
  }

  return {
    async draw(request) {
      if (waiting === MOST_WAITING) throw new ApiError('unavailable', 'other sheets are being drawn: ask again');
      waiting++;
      const drawn = last.then(() => drawOne(request));
      last = drawn.catch(() => undefined); // told to who asked for it; the next one is drawn all the same
      try {
        return await drawn;
      } finally {
        waiting--;
      }
    },
    close: () => closing.abort(),
  };
}
