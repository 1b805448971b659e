// Numbers as people read them.

/** IoU predictions may slightly exceed 1. */
export function scorePercent(score: number): string {
  return `${Math.round(Math.min(Math.max(score, 0), 1) * 100)}%`;
}

const AREA = new Intl.NumberFormat("en-US");

export function areaPixels(area: number): string {
  return `${AREA.format(area)} px`;
}

/** `1 object`, `2 objects`. */
export function counted(number: number, noun: string): string {
  return number === 1 ? `1 ${noun}` : `${number} ${noun}s`;
}

/** How many objects there are, and how many are selected when it is not only one. */
export function countText(objects: number, selected: number): string {
  if (selected > 1) return `${selected} of ${objects} selected`;
  return counted(objects, "object");
}
