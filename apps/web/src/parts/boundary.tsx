import { Component, type ReactNode } from 'react';
import css from './states.module.css';

/** In place of a page that failed to load or to draw: what happened, and the way out. `at` is its address: another one tries again. */
export class Boundary extends Component<{ at: string; children: ReactNode }, { error: Error | null; at: string }> {
  override state: { error: Error | null; at: string } = { error: null, at: this.props.at };

  static getDerivedStateFromError(error: unknown) {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  static getDerivedStateFromProps({ at }: { at: string }, state: { error: Error | null; at: string }) {
    return state.at === at ? null : { error: null, at };
  }

  override render() {
    const { error } = this.state;
    if (error === null) return this.props.children;
    // A part of the page is asked for by its hash: after an update of the service it is gone.
    const outdated = /dynamically imported|importing a module|preload CSS/i.test(error.message);
    return (
      <section className={css.failed} role="alert">
        <h2>{outdated ? 'A part of the page did not load' : 'This page failed'}</h2>
        <p className={css.detail}>
          {outdated ? 'The service may have been updated, or does not answer. Reload the page.' : error.message}
        </p>
        <button type="button" onClick={() => window.location.reload()}>
          Reload
        </button>
      </section>
    );
  }
}
