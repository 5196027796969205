import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { requestFile } from '../../data/request.ts';
import { Loading } from '../../parts/states.tsx';
import css from './inside.module.css';

/** What the sweep's augmentations do to training images: drawn by the service when it is opened. */
export function AugmentationSheet({ sweepId }: { sweepId: string }) {
  const [open, setOpen] = useState(false);
  const { data, error } = useQuery({
    queryKey: ['augmentations', sweepId],
    queryFn: ({ signal }) => requestFile(`/sweeps/${sweepId}/augmentations.png`, { signal }),
    enabled: open,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const [address, setAddress] = useState<string>();
  useEffect(() => {
    if (!data) return;
    const made = URL.createObjectURL(data);
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [data]);
  return (
    <details className={css.sheet} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>What augmentation does to the training images of this sweep</summary>
      {error && <p role="alert">{error.message}</p>}
      {open && !error && !address && <Loading what="the sheet" />}
      {address && (
        <img src={address} alt="Training images in the first row; below, the same images under each augmentation set" />
      )}
    </details>
  );
}
