import { axisName, axisValue, count, plural } from '../../format/number.ts';
import css from './plan-table.module.css';

/** What a dry run returns. `points` are the first configs. */
export type Plan = {
  configs: number;
  runs: number;
  points: { axes: Record<string, unknown>; hash: string }[];
};

export function PlanTable({ plan }: { plan: Plan }) {
  const seeds = plan.configs === 0 ? 0 : plan.runs / plan.configs;
  const paths = [...new Set(plan.points.flatMap(({ axes }) => Object.keys(axes)))];
  return (
    <section className={css.plan}>
      <h2>
        {plural(plan.configs, 'config')} × {plural(seeds, 'seed')} = {plural(plan.runs, 'run')}
      </h2>
      {seeds === 1 && (
        <p className={css.advice}>
          One seed gives no estimate of noise: no verdict is possible. Give at least three seeds.
        </p>
      )}
      {seeds === 2 && <p className={css.advice}>Two seeds show only large differences. Three to five are better.</p>}
      <div className={css.scroll}>
        <table>
          <thead>
            <tr>
              <th scope="col">#</th>
              {paths.map((path) => (
                <th scope="col" key={path} title={path}>
                  {axisName(path)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {plan.points.map(({ axes, hash }, i) => (
              <tr key={hash}>
                <th scope="row">{i + 1}</th>
                {paths.map((path) => (
                  <td key={path}>
                    <bdi>{Object.hasOwn(axes, path) ? axisValue(axes[path]) : '–'}</bdi>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {plan.points.length < plan.configs && (
        <p className={css.advice}>and {count(plan.configs - plan.points.length)} more</p>
      )}
    </section>
  );
}
