import type { Plan } from '@ablate/contracts';
import { axisName, axisValue, compact, count } from '../../format/number.ts';
import { Scroll } from '../../parts/scroll.tsx';
import css from './plan-table.module.css';

/** What the sweep would be: its runs, what they cost, which differences the seeds show, and the first configs. */
export function PlanTable({ plan: { plan, points, configs } }: { plan: Plan }) {
  const [runs, ...rest] = plan.lines;
  const paths = [...new Set(points.flatMap(({ axes }) => Object.keys(axes)))];
  return (
    <section className={css.plan} aria-labelledby="plan">
      <h2 id="plan">{runs}</h2>
      <ul>
        {rest.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <Scroll label="The first configs" className={css.scroll}>
        <table>
          <thead>
            <tr>
              <th scope="col">#</th>
              {paths.map((path) => (
                <th scope="col" key={path} title={path}>
                  {axisName(path)}
                </th>
              ))}
              <th scope="col">MACs</th>
              <th scope="col">parameters</th>
            </tr>
          </thead>
          <tbody>
            {points.map(({ axes, hash, macs, parameters }, i) => (
              <tr key={hash}>
                <th scope="row">{i}</th>
                {paths.map((path) => (
                  <td key={path}>
                    <bdi>{Object.hasOwn(axes, path) ? axisValue(axes[path]) : '–'}</bdi>
                  </td>
                ))}
                <td>{compact(macs)}</td>
                <td>{compact(parameters)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {points.length < configs && <p className={css.more}>and {count(configs - points.length)} more</p>}
    </section>
  );
}
