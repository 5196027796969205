/** Contact sheets, drawn one at a time, from packed copies. Nothing is packed here: it takes minutes, and writes. */
import { drawSheetInThread, SheetError, type SheetRequest } from '@ablate/data';
import { ApiError } from '../errors.ts';

const MAX_WAITING = 8;

export type Sheets = {
  /** A PNG file. Refuses a sheet that cannot be drawn (`conflict`), or if too many requests wait (`unavailable`). */
  draw(request: Omit<SheetRequest, 'places'>): Promise<Uint8Array>;
  /** Ends the drawing thread and refuses waiting requests. */
  close(): void;
};

export function openSheets(places: SheetRequest['places']): Sheets {
  const closing = new AbortController();
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;

  async function drawOne(request: Omit<SheetRequest, 'places'>): Promise<Uint8Array> {
    if (closing.signal.aborted) throw new ApiError('unavailable', 'the server is shutting down');
    try {
      return await drawSheetInThread({ ...request, places }, { signal: closing.signal });
    } catch (error) {
      if (error instanceof SheetError) throw new ApiError('conflict', error.message);
      if (closing.signal.aborted) throw new ApiError('unavailable', 'the server is shutting down');
      throw error;
    }
  }

  return {
    async draw(request) {
      if (waiting === MAX_WAITING)
        throw new ApiError('unavailable', 'too many sheets are waiting to be drawn: retry later');
      waiting++;
      const drawn = last.then(() => drawOne(request));
      last = drawn.catch(() => undefined); // the request that awaits `drawn` gets the error
      try {
        return await drawn;
      } finally {
        waiting--;
      }
    },
    close: () => closing.abort(),
  };
}
