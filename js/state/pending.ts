// Edits on their way to the kernel, folded into what it has told so far.

import type { WireEdit } from "../contract/protocol";
import { agree, applyEdit, type Shown, type Unknown } from "./optimism";

interface Pending {
  readonly seq: number;
  readonly edit: WireEdit;
  /** The kernel's state holds its effect already: folding it in would show it twice. */
  isIncluded: boolean;
  /** The kernel has answered. */
  isAnswered: boolean;
}

/**
 * The kernel tells of an edit's effect before it answers the edit, perhaps long before (a click
 * waits for its mask), and of several edits at once. So each state that it tells is compared with
 * what the edits on their way should lead to, in order: they are included up to the one that agrees.
 */
export class PendingEdits {
  #base: Shown;
  #pending: Pending[] = [];
  #shown: Shown | null = null;

  constructor(base: Shown) {
    this.#base = base;
  }

  /** The kernel's state with the edits that are on their way. */
  get shown(): Shown {
    this.#shown ??= this.#pending
      .filter(({ isIncluded }) => !isIncluded)
      .reduce((shown, { edit }) => applyEdit(shown, edit).shown, this.#base);
    return this.#shown;
  }

  get isWaiting(): boolean {
    return this.#pending.some(({ isAnswered }) => !isAnswered);
  }

  isOpen(seq: number): boolean {
    return this.#pending.some((one) => one.seq === seq && !one.isAnswered);
  }

  add(seq: number, edit: WireEdit): void {
    this.#pending.push({ seq, edit, isIncluded: false, isAnswered: false });
    this.#shown = null;
  }

  /** The kernel told a new state. */
  rebase(base: Shown): void {
    const isNews = !agree(this.#base, base, new Set());
    if (isNews) this.#include(base);
    this.#base = base;
    this.#shown = null;
  }

  /** The kernel has answered, and told of the effect before. */
  remove(seq: number): void {
    this.#pending = this.#pending.filter((one) => one.seq !== seq);
    this.#shown = null;
  }

  /** The kernel has answered, but its state is known to be missing here. */
  answer(seq: number): void {
    for (const one of this.#pending) if (one.seq === seq) one.isAnswered = true;
  }

  removeAnswered(): void {
    this.#pending = this.#pending.filter(({ isAnswered }) => !isAnswered);
    this.#shown = null;
  }

  #include(base: Shown): void {
    const unknown = new Set<Unknown>();
    const open = this.#pending.filter(({ isIncluded }) => !isIncluded);
    let expected = this.#base;
    for (const [index, { edit }] of open.entries()) {
      const effect = applyEdit(expected, edit);
      expected = effect.shown;
      for (const part of effect.unknown) unknown.add(part);
      if (agree(expected, base, unknown)) {
        for (const one of open.slice(0, index + 1)) one.isIncluded = true;
        return;
      }
    }
  }
}
