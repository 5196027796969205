import { type ReactNode, useId, useRef } from 'react';
import css from './confirm-button.module.css';

type Props = {
  /** The word on the button and on the dialog's own button. */
  action: string;
  /** What will happen. */
  question: ReactNode;
  disabled?: boolean;
  onConfirm: () => void;
};

/** A button for what cannot be undone: it asks first. */
export function ConfirmButton({ action, question, disabled, onConfirm }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();
  const close = () => dialog.current?.close();
  return (
    <>
      <button type="button" disabled={disabled} onClick={() => dialog.current?.showModal()}>
        {action}
      </button>
      <dialog ref={dialog} className={css.dialog} aria-labelledby={title}>
        <p id={title}>{question}</p>
        <div className={css.buttons}>
          <button type="button" onClick={close}>
            Keep
          </button>
          <button
            type="button"
            className={css.confirm}
            onClick={() => {
              close();
              onConfirm();
            }}
          >
            {action}
          </button>
        </div>
      </dialog>
    </>
  );
}
