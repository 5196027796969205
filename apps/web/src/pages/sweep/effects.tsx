/** The effect of each axis: means of its values over everything else in the balanced part of the grid. */
import type { Answer, EffectView, GridView, LevelView } from '@ablate/contracts';
import { extent, linear } from '@ablate/plots';
import { axisName, pValue } from '../../format/number.ts';
import { Panel } from '../../parts/panel.tsx';
import { Scroll } from '../../parts/scroll.tsx';
import { VerdictMark, VerdictShape, verdictClass } from '../../plots/verdict-mark.tsx';
import css from './effects.module.css';
import { type Figures, figuresOf } from './figures.ts';
import { effectsStatement } from './statements.ts';
import { levelExplained, levelWord } from './verdict-words.ts';

const WIDTH = 260;
const ROW = 26;

const interval = ({ pooled, paired }: LevelView) => pooled ?? paired;

function Effect({ effect, figures, domain }: { effect: EffectView; figures: Figures; domain: [number, number] }) {
  const scale = linear(domain, [8, WIDTH - 8], 3);
  const height = effect.levels.length * ROW;
  return (
    <div className={css.effect}>
      <h3>
        {axisName(effect.axis)}
        {effect.p !== null && <span className={css.p}> F test: {pValue(effect.p)}</span>}
      </h3>
      {effect.dependsOn.length > 0 && (
        <p className={css.depends}>
          depends on {effect.dependsOn.map(axisName).join(', ')}: read the interaction below
        </p>
      )}
      <Scroll label={`Effect of ${axisName(effect.axis)}`} className={css.body}>
        <table className={css.table}>
          <caption className="visually-hidden">Effect of {effect.name}</caption>
          <tbody>
            {effect.levels.map((level) => (
              <tr key={level.text}>
                <th scope="row">
                  <bdi>{level.text}</bdi>
                </th>
                <td>{figures.value(level.mean)}</td>
                <td>{level.difference === null ? '' : figures.difference(level.difference)}</td>
                <td className={css.verdict} title={levelExplained(level)}>
                  <VerdictMark verdict={level.verdict} word={levelWord(level)} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        <svg className={css.plot} width={WIDTH} height={height} viewBox={`0 0 ${WIDTH} ${height}`} aria-hidden="true">
          <line className={css.zero} x1={scale.at(0)} x2={scale.at(0)} y2={height} />
          {effect.levels.map((level, i) => {
            const range = interval(level);
            const y = i * ROW + ROW / 2;
            return (
              <g key={level.text} className={verdictClass(level.verdict)}>
                {range && (
                  <line className={css.interval} x1={scale.at(range.low)} x2={scale.at(range.high)} y1={y} y2={y} />
                )}
                <g transform={`translate(${scale.at(level.difference ?? 0) - 6} ${y - 6})`}>
                  <VerdictShape verdict={level.verdict} />
                </g>
              </g>
            );
          })}
        </svg>
      </Scroll>
    </div>
  );
}

function Grid({ grid, figures }: { grid: GridView; figures: Figures }) {
  const domain = extent(
    grid.effects.flatMap(({ levels }) =>
      levels.flatMap((level) => {
        const range = interval(level);
        return [0, level.difference ?? 0, ...(range ? [range.low, range.high] : [])];
      }),
    ),
  );
  return (
    <div className={css.grid}>
      {grid.effects.map((effect) => (
        <Effect key={effect.axis} effect={effect} figures={figures} domain={domain} />
      ))}
    </div>
  );
}

export function Effects({ answer }: { answer: Answer }) {
  const grids = answer.grids.filter(({ effects }) => effects.length > 0);
  if (grids.length === 0) return null;
  const figures = figuresOf(answer);
  return (
    <Panel
      title="Effect of each axis"
      explains={`Mean ${figures.title} of each value over all others and the seeds, and its difference from the baseline’s value in ${figures.unit}, with a 95 % interval.`}
      anchor="effects"
      picture={async () => (await import('./pictures.ts')).effectsPicture(answer)}
      file={`effects-${answer.sweep.id.slice(0, 8)}`}
      table={({ effects }) => effects(answer)}
      sql={effectsStatement(answer)}
    >
      {grids.map((grid) => (
        <div key={grid.axes.join()}>
          {grid.configs < grid.of && (
            <p className={css.depends}>
              On the {grid.configs} of {grid.of} configs that form a balanced grid with seeds {grid.seeds.join(', ')}.
            </p>
          )}
          <Grid grid={grid} figures={figures} />
        </div>
      ))}
    </Panel>
  );
}
