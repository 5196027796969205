import { Component, type ReactNode } from 'react';
import { Failed } from '../parts/states.tsx';

/** What browsers and Vite say of a script or style sheet that did not arrive. */
const NOT_FETCHED = /dynamically imported|module script|preload/i;

const explain = (error: Error): Error =>
  NOT_FETCHED.test(error.message)
    ? new Error('A part of this page did not arrive: the service may be restarting, or serve a new version.')
    : error;

type Props = { children: ReactNode };

/**
 * Stands in for a page that cannot be shown: its script was not fetched (no connection, or a new version is served), or it failed. The way
 * to the other pages stays.
 */
export class Boundary extends Component<Props, { error: Error | null }> {
  override state = { error: null };

  static getDerivedStateFromError = (error: Error) => ({ error });

  override render() {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return <Failed error={explain(error)} what="page" retry={() => window.location.reload()} />;
  }
}
