/** The command that packs a choice. */
import type { PackChoice } from '@ablate/contracts';

const quoted = (text: string): string => (/^[\w.,:@%+=/-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

export const packCommand = ({ name, imageSize, classes, imagesPerClass, skipBroken }: PackChoice): string =>
  [
    `npx ablate data pack ${name}`,
    ...(imageSize === undefined ? [] : [`--image-size ${imageSize}`]),
    ...(classes === undefined ? [] : [`--classes ${quoted(classes.join(','))}`]),
    ...(imagesPerClass === undefined ? [] : [`--images-per-class ${imagesPerClass}`]),
    ...(skipBroken ? ['--skip-broken'] : []),
  ].join(' ');
