/** Figures of a study as text. */
import type { Figure } from './study-answer.ts';

/** `test accuracy`. */
export const figureWords = ({ split, metric }: Figure): string => `${split} ${metric}`;

/** Device time in minutes. */
export const minutes = (seconds: number): string =>
  seconds < 600 ? (seconds / 60).toFixed(1) : Math.round(seconds / 60).toLocaleString('en-US');
