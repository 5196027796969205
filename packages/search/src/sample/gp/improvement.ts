/** Expected improvement, in logs: finite and with a gradient where the improvement itself underflows. */
import { fastNormalCdf, logNormalCdf, logTailExcess } from '@ablate/statistics';

const LOG_ROOT_2PI = 0.5 * Math.log(2 * Math.PI);

/** Below this, z Φ(z) + φ(z) cancels. */
const FAR = -25;

/** ln(z Φ(z) + φ(z)) and its derivative. Ament et al., "Unexpected improvements to expected improvement", arXiv 2310.20708, equation 9. */
export function logImprovement(z: number): [value: number, slope: number] {
  if (z < FAR) {
    const value = -0.5 * z * z - LOG_ROOT_2PI + logTailExcess(z);
    return [value, Math.exp(logNormalCdf(z) - value)];
  }
  const below = fastNormalCdf(z);
  const improvement = z * below + Math.exp(-0.5 * z * z - LOG_ROOT_2PI);
  return [Math.log(improvement), below / improvement];
}
