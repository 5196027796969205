/** Draws one contact sheet in a thread. */
import { DatasetError } from '../dataset.ts';
import { SheetError } from './contact-sheet.ts';
import { type DrawResult, drawPackedSheet, type SheetRequest } from './draw-sheet.ts';

export default async function drawTask(request: SheetRequest): Promise<DrawResult> {
  try {
    return { png: await drawPackedSheet(request) };
  } catch (error) {
    if (error instanceof DatasetError || error instanceof SheetError) return { refused: error.message };
    throw error;
  }
}
