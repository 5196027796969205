/** Mean and standard deviation of each channel over all pixels; a byte of 255 counts as 1. Exact, since bytes are counted, not summed. */
export function channelStatistics() {
  const histogram = new Float64Array(3 * 256);
  let pixels = 0;
  const channel = (c: number) => {
    let sum = 0;
    let squares = 0;
    for (let v = 0; v < 256; v++) {
      const n = histogram[c * 256 + v]!;
      sum += n * v;
      squares += n * v * v;
    }
    const mean = sum / pixels;
    return { mean: mean / 255, std: Math.sqrt(squares / pixels - mean * mean) / 255 };
  };
  return {
    /** @param images whole pixels, RGB */
    add(images: Uint8Array): void {
      pixels += images.length / 3;
      for (let i = 0; i < images.length; i += 3) {
        histogram[images[i]!]!++;
        histogram[256 + images[i + 1]!]!++;
        histogram[512 + images[i + 2]!]!++;
      }
    },
    result(): Record<'mean' | 'std', [number, number, number]> {
      const [r, g, b] = [channel(0), channel(1), channel(2)];
      return { mean: [r.mean, g.mean, b.mean], std: [r.std, g.std, b.std] };
    },
  };
}
