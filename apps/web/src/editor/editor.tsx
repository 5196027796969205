/** A code editor (CodeMirror 6). Loaded only by the pages that have one. */
import { autocompletion, closeBrackets, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { bracketMatching, HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { type Diagnostic, lintGutter, setDiagnostics } from '@codemirror/lint';
import { Compartment, type Extension } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { useEffect, useRef } from 'react';
import css from './editor.module.css';

const nonce = (): string => document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';

const theme = EditorView.theme({
  '&': { backgroundColor: 'var(--surface)', color: 'var(--text)', fontSize: '13px', height: '100%' },
  '.cm-content': { fontFamily: 'var(--mono)', caretColor: 'var(--text)' },
  '.cm-gutters': { backgroundColor: 'var(--surface-2)', color: 'var(--text-3)', border: 'none' },
  '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--accent) 7%, transparent)' },
  '.cm-activeLineGutter': { backgroundColor: 'var(--surface-3)' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'color-mix(in srgb, var(--accent) 25%, transparent) !important',
  },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '.cm-tooltip': { backgroundColor: 'var(--surface-2)', color: 'var(--text)', border: '1px solid var(--line-strong)' },
});

const colors = HighlightStyle.define([
  { tag: tags.propertyName, color: 'var(--accent)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--better)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--worse)' },
  { tag: tags.keyword, color: 'var(--same)', fontWeight: '600' },
  { tag: tags.comment, color: 'var(--text-3)' },
]);

export type EditorProps = {
  label: string;
  value: string;
  language: Extension;
  /** Errors at their places. */
  diagnostics?: readonly Diagnostic[];
  onChange: (value: string) => void;
  /** Ctrl-Enter, Cmd-Enter. */
  onSubmit?: () => void;
};

export default function Editor({ label, value, language, diagnostics, onChange, onSubmit }: EditorProps) {
  const box = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const latest = useRef({ onChange, onSubmit, value });
  latest.current = { onChange, onSubmit, value };
  const languages = useRef(new Compartment());

  // biome-ignore lint/correctness/useExhaustiveDependencies: the editor is made once; what changes goes through the effects below
  useEffect(() => {
    if (!box.current) return;
    const submit = () => {
      latest.current.onSubmit?.();
      return latest.current.onSubmit !== undefined;
    };
    const editor = new EditorView({
      parent: box.current,
      doc: value,
      extensions: [
        EditorView.cspNonce.of(nonce()),
        keymap.of([{ key: 'Mod-Enter', run: submit }, ...completionKeymap, ...defaultKeymap, ...historyKeymap]),
        lineNumbers(),
        history(),
        drawSelection(),
        highlightActiveLine(),
        bracketMatching(),
        closeBrackets(),
        autocompletion(),
        lintGutter(),
        EditorView.lineWrapping,
        languages.current.of(language),
        syntaxHighlighting(colors),
        theme,
        EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) latest.current.onChange(update.state.doc.toString());
        }),
      ],
    });
    view.current = editor;
    return () => {
      view.current = null;
      editor.destroy();
    };
  }, []);

  useEffect(() => {
    view.current?.dispatch({ effects: languages.current.reconfigure(language) });
  }, [language]);
  useEffect(() => {
    const editor = view.current;
    if (editor && editor.state.doc.toString() !== value)
      editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);
  useEffect(() => {
    const editor = view.current;
    if (!editor) return;
    const end = editor.state.doc.length;
    const inside = (diagnostics ?? []).map((one) => ({
      ...one,
      from: Math.min(one.from, end),
      to: Math.min(one.to, end),
    }));
    editor.dispatch(setDiagnostics(editor.state, inside));
  }, [diagnostics]);
  return <div ref={box} className={css.editor} />;
}
