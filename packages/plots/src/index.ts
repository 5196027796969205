export { SERIES, seriesDash } from './colors.ts';
export { curves } from './curves.ts';
export { heatMap } from './heat-map.ts';
export { intervals } from './intervals.ts';
export { parallel } from './parallel.ts';
export { extent, linear, logarithmic, type Scale, tickFormat } from './scale.ts';
export { stack } from './stack.ts';
