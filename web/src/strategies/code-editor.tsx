import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { javascript, typescriptLanguage } from "@codemirror/lang-javascript";
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics, type Diagnostic } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useEffectEvent, useRef } from "react";
import types from "../../../docs/agon-quake.d.ts?raw";
import { completeWith } from "./complete.ts";
import { readTypes } from "./declared.ts";

/** What is wrong with a line. */
export type Problem = { line: number; message: string };

/** The site's own inks: they change with its theme, and the editor with them. */
const HIGHLIGHT = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: "var(--a)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--good)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--warn)" },
  { tag: [tags.typeName, tags.className], color: "var(--info)" },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName)], color: "var(--b)" },
  { tag: [tags.comment], color: "var(--text-3)", fontStyle: "italic" },
  { tag: tags.invalid, color: "var(--bad)" },
]);

const SETUP = [
  lineNumbers(),
  lintGutter(),
  highlightActiveLineGutter(),
  highlightActiveLine(),
  history(),
  drawSelection(),
  indentOnInput(),
  bracketMatching(),
  closeBrackets(),
  autocompletion({ icons: false }),
  syntaxHighlighting(HIGHLIGHT),
  javascript({ typescript: true }),
  typescriptLanguage.data.of({ autocomplete: completeWith(readTypes(types)) }),
  EditorView.contentAttributes.of({ "aria-label": "Source of the strategy", "aria-describedby": "source-keys" }),
  EditorState.tabSize.of(2),
  keymap.of([
    ...closeBracketsKeymap,
    ...completionKeymap,
    ...defaultKeymap,
    ...historyKeymap,
    ...lintKeymap,
    indentWithTab,
  ]),
];

type Props = { text: string; onText: (text: string) => void; problems: readonly Problem[] };

/** A source that is written here; what is given as `text` from outside takes its place, and can be undone. */
export default function CodeEditor({ text, onText, problems }: Props) {
  const holder = useRef<HTMLDivElement>(null);
  const editor = useRef<EditorView>(null);
  const first = useEffectEvent(() => text);
  const tell = useEffectEvent(onText);
  useEffect(() => {
    if (!holder.current) return;
    const heard = EditorView.updateListener.of(({ docChanged, state }) => docChanged && tell(state.doc.toString()));
    const view = new EditorView({ doc: first(), extensions: [SETUP, heard], parent: holder.current });
    editor.current = view;
    return () => {
      editor.current = null;
      view.destroy();
    };
  }, []);
  useEffect(() => {
    const view = editor.current;
    if (!view || view.state.doc.toString() === text) return;
    view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
  }, [text]);
  useEffect(() => {
    const view = editor.current;
    if (view) show(view, problems);
  }, [problems]);
  return <div className="source" ref={holder} />;
}

/** Marks the lines that something is wrong with, and shows the first. */
function show(view: EditorView, problems: readonly Problem[]): void {
  const { doc } = view.state;
  const marked = problems
    .filter(({ line }) => line >= 1 && line <= doc.lines)
    .map(({ line, message }): Diagnostic => {
      const { from, to } = doc.line(line);
      return { from, to, severity: "error", message };
    });
  view.dispatch(setDiagnostics(view.state, marked));
  const [firstMark] = marked;
  if (firstMark) view.dispatch({ effects: EditorView.scrollIntoView(firstMark.from, { y: "nearest" }) });
}
