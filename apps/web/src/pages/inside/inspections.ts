/** Inspections that a worker makes: all attention of a run's model, or a look at a picture. */
import type { InsideHeader, InspectionView } from '@ablate/contracts';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { RequestError, request, requestFile } from '../../data/request.ts';
import type { Inside } from './inside-file.ts';
import { readSafetensors, type Tensors } from './safetensors.ts';

const POLL_MS = 700;

const isOpen = (state: InspectionView['state'] | undefined) => state === 'queued' || state === 'running';

const inspectionQuery = (id: string) =>
  queryOptions({
    queryKey: ['inspection', id],
    queryFn: ({ signal }) => request<InspectionView>(`/inspections/${id}`, { signal }),
    refetchInterval: ({ state }) => (isOpen(state.data?.state) ? POLL_MS : false),
    staleTime: 0,
  });

const resultQuery = (id: string) =>
  queryOptions({
    queryKey: ['inspection result', id],
    queryFn: async ({ signal }) =>
      readSafetensors(await (await requestFile(`/inspections/${id}/result`, { signal })).arrayBuffer()),
    staleTime: Number.POSITIVE_INFINITY,
  });

export type Inspection = {
  result: Tensors | undefined;
  /** What it waits for, in words; null once it has ended. */
  waiting: string | null;
  error: Error | null;
};

/** An inspection, followed until it ends; nothing without an id. */
export function useInspection(id: string | null): Inspection {
  const asked = useQuery({ ...inspectionQuery(id ?? ''), enabled: id !== null });
  const state = asked.data?.state;
  const result = useQuery({ ...resultQuery(id ?? ''), enabled: id !== null && state === 'done' });
  const failed = state === 'failed' ? new Error(asked.data?.message ?? 'the inspection failed') : null;
  const waits = id !== null && !result.data && (asked.data?.message ?? 'a worker is computing it');
  return {
    result: result.data,
    error: asked.error ?? failed ?? result.error,
    waiting: waits && !failed && !asked.error && !result.error ? waits : null,
  };
}

const ask = (runId: string, images?: number[]) =>
  request<InspectionView>(`/runs/${runId}/inspect`, { method: 'POST', body: images ? { images } : {} });

/** The id of the inspection of all images, or, if they are too many for one, of this image. */
export const matricesQuery = (runId: string, image: number) =>
  queryOptions({
    queryKey: ['inspect', runId, image],
    queryFn: async () => {
      try {
        return (await ask(runId)).id;
      } catch (error) {
        if (error instanceof RequestError && error.status === 400) return (await ask(runId, [image])).id;
        throw error;
      }
    },
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });

/** Ask for a look at a picture; returns the inspection's id. @throws RequestError */
export const askPicture = async (runId: string, picture: Blob): Promise<string> =>
  (await request<InspectionView>(`/runs/${runId}/inspect/picture`, { method: 'POST', body: picture })).id;

/** The result of a picture's inspection as a file of a run has it. */
export function pictureInside({ metadata, tensors }: Tensors): Inside {
  const header: InsideHeader = JSON.parse(metadata.inside ?? '{}');
  const { data = new Float32Array(0), shape: [side = 0] = [] } = tensors.get('picture') ?? {};
  const pixels = new Uint8ClampedArray(side * side * 4).fill(255);
  for (let pixel = 0; pixel < side * side; pixel++) pixels.set(data.subarray(3 * pixel, 3 * pixel + 3), 4 * pixel);
  return { header, tensors, pictures: { side, count: 1, pixels } };
}
