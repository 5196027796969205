export { SERIES } from './colors.ts';
export { curves } from './curves.ts';
export { heatMap } from './heat-map.ts';
export { intervals } from './intervals.ts';
export { parallel } from './parallel.ts';
export { extent, linear, logarithmic, type Scale } from './scale.ts';
