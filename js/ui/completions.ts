// What a name that is being written may become: classes, labels in use, a new class. Pure.

import type { Controls } from "../contract/protocol";

export interface Choice {
  kind: "class" | "label" | "new";
  name: string;
  /** Of the class; empty without. */
  color: string;
  /** The number key that stands for it; empty without. */
  key: string;
}

const MOST_LABELS = 12;

/**
 * All classes while nothing was typed, else those that hold the text, those that begin with it
 * first; then labels that objects have; last the text itself as a new class.
 */
export function completions(
  text: string,
  isTyped: boolean,
  { classes, class_colors }: Pick<Controls, "classes" | "class_colors">,
  labels: Iterable<string>,
): Choice[] {
  const typed = isTyped ? text.trim() : "";
  const known = classes.map(
    (name, index): Choice => ({
      kind: "class",
      name,
      color: class_colors[index] ?? "",
      key: index < 9 ? String(index + 1) : "",
    }),
  );
  const used = [...new Set(labels)]
    .filter((name) => name !== "" && !classes.includes(name))
    .sort((one, other) => one.localeCompare(other))
    .map((name): Choice => ({ kind: "label", name, color: "", key: "" }));
  const choices = [...matching(known, typed), ...matching(used, typed).slice(0, MOST_LABELS)];
  if (typed && !classes.includes(typed)) {
    choices.push({ kind: "new", name: typed, color: "", key: "" });
  }
  return choices;
}

function matching(choices: readonly Choice[], typed: string): Choice[] {
  const wanted = typed.toLocaleLowerCase();
  const rank = ({ name }: Choice): number => {
    const at = name.toLocaleLowerCase().indexOf(wanted);
    return at < 0 ? 2 : Math.min(at, 1);
  };
  return choices
    .filter((choice) => rank(choice) < 2)
    .sort((one, other) => (wanted ? rank(one) - rank(other) : 0));
}
