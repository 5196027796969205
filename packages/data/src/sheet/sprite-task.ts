/** Draws sprites in a thread. */
import { DatasetError } from '../dataset.ts';
import { drawSprite, type SpriteRequest, type SpriteResult } from './sprite.ts';

export default async function spriteTask(request: SpriteRequest): Promise<SpriteResult> {
  try {
    return await drawSprite(request);
  } catch (error) {
    if (error instanceof DatasetError) return { absent: error.message };
    throw error;
  }
}
