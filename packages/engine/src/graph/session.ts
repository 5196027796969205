/** A loaded graph: TensorFlow's session over it, from a folder that lives only while it is read. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backend, type TensorHandle } from '../tensorflow/backend.ts';
import type { Graph } from './node.ts';
import { encodeSavedModel, TAG } from './saved-model.ts';

export type Session = {
  /** Run the graph once: tensors by id for the nodes that are fed, handles of the nodes that are fetched. The caller deletes the handles. */
  run(feeds: [node: string, id: number][], fetches: string[]): TensorHandle[];
  close(): void;
};

/** Out of memory, on whichever device; other errors are what they are. */
export class OutOfMemory extends Error {
  override name = 'OutOfMemory';
}

const ran = <T>(f: () => T): T => {
  try {
    return f();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (/\bOOM\b|out of memory|RESOURCE_EXHAUSTED|Resource exhausted/i.test(message))
      throw new OutOfMemory(`TensorFlow ran out of memory: ${message.slice(0, 2000)}`, { cause: error });
    throw error;
  }
};

export function openSession(graph: Graph): Session {
  const { binding } = backend;
  const folder = mkdtempSync(join(tmpdir(), 'ablate-graph-'));
  const id = (() => {
    try {
      writeFileSync(join(folder, 'saved_model.pb'), encodeSavedModel(graph), { mode: 0o600 });
      return binding.loadSavedModel(folder, TAG);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  })();
  return {
    run: (feeds, fetches) =>
      ran(() =>
        binding.runSavedModel(
          id,
          feeds.map(([, tensor]) => tensor),
          feeds.map(([node]) => `${node}:0`).join(),
          fetches.map((node) => `${node}:0`).join(),
        ),
      ),
    close: () => binding.deleteSavedModel(id),
  };
}
