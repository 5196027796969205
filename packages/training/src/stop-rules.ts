/** `train.stop`: what ends a training before its last epoch. */
import type { StopRules } from '@ablate/contracts';
import type { TrainingState } from './training-state.ts';

/** Why training ends now, at the end of an epoch; null while it goes on. Without a best epoch it goes on. */
export function stopReason(
  rules: StopRules | undefined,
  { state: { best, epoch }, seconds }: { state: TrainingState; seconds: number },
): string | null {
  if (!rules || !best) return null;
  const { target, plateau, deadline } = rules;
  if (target !== undefined && best.valAccuracy >= target) return `a validation accuracy of ${target} was reached`;
  if (plateau !== undefined && epoch - best.epoch >= plateau)
    return `no better validation accuracy in ${plateau === 1 ? 'an epoch' : `${plateau} epochs`}`;
  if (deadline !== undefined && seconds >= deadline)
    return `its deadline of ${deadline} s passed; how far it came depends on the machine`;
  return null;
}
