import type { RunView } from '@ablate/contracts';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { request } from '../../data/request.ts';
import { Empty, Failed, Loading } from '../../parts/states.tsx';
import { navigate, useSearch } from '../../router/location.ts';
import { address, to } from '../../router/routes.ts';

/** Leads to the first run of a config, or of the sweep, that succeeded. */
export default function InsideSweep({ id }: { id: string }) {
  const [search] = useSearch();
  const configId = search.get('config') ?? undefined;
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['first run', id, configId],
    queryFn: async ({ signal }) => {
      const wanted = { state: 'succeeded', limit: '1', configId };
      return (await request<{ items: RunView[] }>(address(`/sweeps/${id}/runs`, wanted), { signal })).items[0] ?? null;
    },
  });
  useEffect(() => {
    if (data) navigate(to.inside(data.id), { replace: true });
  }, [data]);
  if (error) return <Failed error={error} what="sweep" retry={() => void refetch()} />;
  if (isPending || data) return <Loading what="the run" />;
  return (
    <Empty title="No run has succeeded yet">
      <p>A run stores what it looks at when it has succeeded.</p>
    </Empty>
  );
}
