/** How each page is photographed. */

/** Width in CSS pixels of an A4 page with margins of a centimetre. */
const PAPER = 718;

type Mode = {
  name: string;
  width: number;
  height: number;
  colorScheme: 'light' | 'dark';
  media: 'screen' | 'print';
};

const mode = (
  name: string,
  [width, height]: readonly [number, number],
  colorScheme: Mode['colorScheme'],
  media: Mode['media'] = 'screen',
): Mode => ({ name, width, height, colorScheme, media });

const DESKTOP = [1280, 720] as const;
const PHONE = [390, 844] as const;

export const MODES: readonly Mode[] = [
  mode('1280-light', DESKTOP, 'light'),
  mode('1280-dark', DESKTOP, 'dark'),
  mode('390-light', PHONE, 'light'),
  mode('390-dark', PHONE, 'dark'),
  mode('print', [PAPER, 1016], 'light', 'print'),
];
