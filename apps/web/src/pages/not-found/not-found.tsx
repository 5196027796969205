import { Empty } from '../../parts/states.tsx';
import { Link } from '../../router/link.tsx';
import { to } from '../../router/routes.ts';

export function NotFound() {
  return (
    <Empty title="Unknown page">
      <p>
        No page has this address. <Link href={to.sweeps()}>Show all sweeps</Link>
      </p>
    </Empty>
  );
}
