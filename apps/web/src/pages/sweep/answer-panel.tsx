import type { Answer } from '@ablate/contracts';
import { count } from '../../format/number.ts';
import { Exports } from '../../parts/exports.tsx';
import { Link } from '../../router/link.tsx';
import { changeSearch, useParameter } from '../../router/location.ts';
import { to } from '../../router/routes.ts';
import css from './answer-panel.module.css';
import { PAGE_ROWS, parseSort, sortedRows } from './answer-rows.ts';
import { AnswerTable } from './answer-table.tsx';
import { answerStatement } from './statements.ts';

/** Configs that one comparison takes. */
const MOST_CHOSEN = 20;

/** Positions of configs in the address: `0,3,5`. */
const parseChosen = (text: string | null): number[] =>
  (text ?? '')
    .split(',')
    .filter((part) => /^\d+$/.test(part))
    .map(Number);

/** A link to the comparison of the chosen configs. The baseline comes first if it is one of them, or if only one is chosen. */
function Chosen({ answer, chosen, onClear }: { answer: Answer; chosen: readonly number[]; onClear: () => void }) {
  if (chosen.length === 0) return null;
  const base = answer.baseline?.position;
  const withBase = base !== undefined && (chosen.length === 1 || chosen.includes(base));
  const positions = withBase ? [base, ...chosen.filter((position) => position !== base)] : chosen;
  return (
    <span className={css.chosen}>
      {positions.length < 2 ? (
        'choose another config'
      ) : positions.length > MOST_CHOSEN ? (
        `choose at most ${MOST_CHOSEN}`
      ) : (
        <Link href={to.compare(positions.map((position) => `${answer.sweep.id}:${position}`))}>
          {chosen.length === 1 ? 'Compare with the baseline' : `Compare ${positions.length}`}
        </Link>
      )}
      <button type="button" onClick={onClear}>
        Clear
      </button>
    </span>
  );
}

/** The table of the answer with what a reader does with it: sort, page, choose, take away. */
export function AnswerPanel({ answer }: { answer: Answer }) {
  const sort = parseSort(useParameter('sort'));
  const chosen = parseChosen(useParameter('pick'));
  const wantedPage = Number(useParameter('page')) || 1;
  const baseline = useParameter('baseline');
  const base = answer.rows.filter(({ baseline }) => baseline);
  const others = sortedRows(answer, sort);
  const pages = Math.max(1, Math.ceil((answer.configs - base.length) / PAGE_ROWS));
  const page = Math.min(Math.max(1, wantedPage), pages);
  const from = (page - 1) * PAGE_ROWS;
  const shown = others.slice(from, from + PAGE_ROWS);
  const rows = [...base, ...shown];
  const toPage = (next: number) => changeSearch({ page: next === 1 ? undefined : String(next) });
  const choose = (positions: readonly number[]) =>
    changeSearch({ pick: positions.length > 0 ? positions.join(',') : undefined }, { replace: true });
  return (
    <section id="answer" aria-label="Answer">
      <AnswerTable
        answer={answer}
        rows={rows}
        from={from}
        sort={sort}
        onSort={(next) =>
          changeSearch({ sort: next ? `${next.descending ? '-' : ''}${next.key}` : undefined, page: undefined })
        }
        chosen={new Set(chosen)}
        onChoose={(position, on) => choose(on ? [...chosen, position] : chosen.filter((one) => one !== position))}
        onBaseline={(position) => changeSearch({ baseline: String(position) })}
      />
      <div className={css.below}>
        {pages > 1 && (
          <nav className={css.pages} aria-label="Pages of the table">
            <button type="button" disabled={page === 1} onClick={() => toPage(page - 1)}>
              Previous
            </button>
            <span>
              {count(from + 1)}–{count(from + shown.length)} of {count(answer.configs - base.length)}
              {sort === null && answer.order === 'best first' && ', best first'}
            </span>
            <button
              type="button"
              disabled={page === pages || shown.length < PAGE_ROWS}
              onClick={() => toPage(page + 1)}
            >
              Next
            </button>
            {answer.omitted > 0 && page * PAGE_ROWS >= others.length && <span>SQL has the others.</span>}
          </nav>
        )}
        <Chosen answer={answer} chosen={chosen} onClear={() => choose([])} />
        <div className={css.exports}>
          <Exports
            anchor="answer"
            file={`answer-${answer.sweep.id.slice(0, 8)}`}
            picture={
              rows.length > 1 ? async () => (await import('./pictures.ts')).answerPicture(answer, rows) : undefined
            }
            table={({ answer: table }) => table(answer)}
            sql={answerStatement(answer, { chosen: baseline !== null })}
          />
        </div>
      </div>
    </section>
  );
}
