/** Colours on white. They equal the light colours of the pages (`apps/web/src/theme/tokens.css`); a test compares the two. */

/** Series: Okabe and Ito's palette, which people with colour blindness can tell apart, darkened until 3:1 against white. */
export const SERIES = ['#0072b2', '#c25a00', '#00805f', '#b0447f', '#7a5c00', '#5a54a4', '#8a3b12', '#4f6472'] as const;

export const INK = { text: '#16202b', text2: '#4d5a68', text3: '#64717f', line: '#d5dbe1', lineStrong: '#8b96a3' };

export const VERDICTS = { better: '#0f6b4a', worse: '#a33414', same: '#5b4a9c', noise: '#64717f' };

/** Lines, from solid to long dashes: another one each time that the palette is used up. */
const DASHES: readonly (readonly number[])[] = [[], [2, 3], [8, 3, 2, 3], [12, 4]];

/** Lengths of dashes and gaps of the series at a position; none for a solid line. */
export const seriesDash = (position: number): readonly number[] =>
  DASHES[Math.floor(position / SERIES.length) % DASHES.length] ?? [];

/** The colour of the series at a position: a series has one colour in every plot. */
export const seriesColor = (position: number): string => SERIES[position % SERIES.length] ?? INK.text;
