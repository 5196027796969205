/** The one answer of a contact sheet's thread. What is nobody's fault but ours ends the thread as an error. */
import { parentPort, workerData } from 'node:worker_threads';
import { DatasetError } from '../../dataset.ts';
import { SheetError } from './contact-sheet.ts';
import type { SheetAnswer } from './draw-in-thread.ts';
import { drawSheet, type SheetRequest } from './draw-sheet.ts';

async function answer(request: SheetRequest): Promise<SheetAnswer> {
  try {
    return { png: await drawSheet(request) };
  } catch (error) {
    if (error instanceof DatasetError || error instanceof SheetError) return { refused: error.message };
    throw error;
  }
}

// Our own parent wrote it, a moment ago, with this very type.
parentPort?.postMessage(await answer(workerData as SheetRequest));
