/** Which layers and networks have which symmetries: the rows of `ablate symmetry`, and what they say in words. */
import { exampleSymmetries, layerSymmetries, type SymmetryRow } from '@ablate/models';
import { toCsvText } from '@ablate/studies';
import type { Measured } from './measure.ts';

const SEED = 1;

const table = (rows: readonly SymmetryRow[]): string =>
  toCsvText({
    columns: ['subject', 'input', 'output', 'error'],
    rows: rows.map(({ subject, action, claim, error, holds }) => [
      subject,
      action,
      holds ? claim : `not ${claim}`,
      error.toExponential(1),
    ]),
  });

/** Whether each row that `test` selects holds; null if they differ or there is none. */
function all(rows: readonly SymmetryRow[], test: (row: SymmetryRow) => boolean): boolean | null {
  const found = new Set(rows.filter(test).map(({ holds }) => holds));
  const [only] = found;
  return found.size === 1 && only !== undefined ? only : null;
}

/** The sentences, each made only of what was measured. */
function sentences(layers: readonly SymmetryRow[], networks: readonly SymmetryRow[]): string[] {
  const permuted = ({ action }: SymmetryRow) => action.startsWith('permute');
  const afterPositions = ({ subject }: SymmetryRow) => / (learned|sinusoidal) positions/.test(subject);
  const block = (row: SymmetryRow) => row.subject.startsWith('ViT block') && permuted(row);
  const shifted = (kind: string, by: number) => (row: SymmetryRow) =>
    row.subject === `3×3 convolution, ${kind}` && row.action === `shift by ${by} px`;
  const circular = (stride: number, by: number) => all(layers, shifted(`stride ${stride}, circular padding`, by));
  const bare = all(layers, (row) => block(row) && !afterPositions(row));
  const withPositions = all(layers, (row) => block(row) && afterPositions(row));
  const wholeBare = all(networks, (row) => permuted(row) && /ViT.*no positions/.test(row.subject));
  const wholeWith = all(networks, (row) => permuted(row) && afterPositions(row));
  const said = (holds: boolean, sentence: string): string[] => (holds ? [sentence] : []);
  return [
    ...said(
      bare === true && withPositions === false,
      'Contradicts the original in part: a ViT block itself is equivariant to permutations of its tokens, in every order; only the positions added before it break this.',
    ),
    ...said(
      circular(1, 1) === true && circular(2, 1) === false && circular(2, 2) === true,
      'A 3×3 convolution with circular padding is equivariant to shifts at stride 1, and at stride 2 to shifts by 2 pixels but not by 1.',
    ),
    ...said(
      all(layers, shifted('stride 1, zero padding', 1)) === false &&
        all(layers, shifted('stride 1, zero padding, away from the border', 1)) === true,
      'With zero padding that holds away from the border only.',
    ),
    ...said(
      wholeBare === true && wholeWith === false,
      'Whole ViTs without positions are invariant to permutations of their patches; with positions they are not.',
    ),
    ...said(all(networks, ({ action }) => action === 'flip') === false, 'No network is invariant to flips.'),
    ...said(
      all(networks, ({ action }) => action === 'shift by 1 px') === false,
      'No network is invariant to shifts by one pixel.',
    ),
  ];
}

export async function measureSymmetry(): Promise<Measured> {
  const layers = layerSymmetries({ seed: SEED });
  const networks = exampleSymmetries({ seed: SEED });
  return new Map([
    ['summary.csv', toCsvText({ columns: ['sentence'], rows: sentences(layers, networks).map((line) => [line]) })],
    ['layers.csv', table(layers)],
    ['networks.csv', table(networks)],
  ]);
}
