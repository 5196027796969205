/** Colours for numbers. Anchors are joined in Oklab, where equal steps look equal (Ottosson 2020, https://bottosson.github.io/posts/oklab/). */

export type Colour = readonly [red: number, green: number, blue: number];
type Lab = readonly [number, number, number];

const linear = (byte: number): number => {
  const c = byte / 255;
  return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
};
const byte = (light: number): number => {
  const c = Math.min(1, Math.max(0, light));
  return Math.round(255 * (c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055));
};

function toLab(colour: Colour): Lab {
  const [r, g, b] = colour.map(linear) as [number, number, number];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function fromLab([lightness, a, b]: Lab): Colour {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    byte(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    byte(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    byte(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

const hex = (text: string): Colour => {
  const value = Number.parseInt(text, 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
};

/** `sequential` grows lighter from low to high (viridis' anchors); `diverging` has 0 in the middle, blue below, red above. */
const ANCHORS = {
  sequential: ['440154', '414487', '2a788e', '22a884', '7ad151', 'fde725'],
  diverging: ['123f7a', '4a8bc2', 'b7d3ea', 'f4f2ef', 'f3c1ab', 'cf5a4a', '7d1025'],
} as const;
export type Palette = keyof typeof ANCHORS;

/** A palette as a function of 0…1; values outside get the colour of the nearer end. */
export function palette(name: Palette): (value: number) => Colour {
  const anchors = ANCHORS[name].map((anchor) => toLab(hex(anchor)));
  const table = Array.from({ length: 256 }, (_, step): Colour => {
    const at = (step / 255) * (anchors.length - 1);
    const low = anchors[Math.floor(at)] ?? [0, 0, 0];
    const high = anchors[Math.ceil(at)] ?? low;
    const share = at % 1;
    return fromLab(low.map((value, i) => value + share * ((high[i] ?? 0) - value)) as [number, number, number]);
  });
  return (value) => table[Math.min(255, Math.max(0, Math.round(value * 255)))] ?? [0, 0, 0];
}
