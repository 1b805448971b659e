// Numbers as people read them.

/** IoU predictions may slightly exceed 1. */
export function scorePercent(score: number): string {
  return `${Math.round(Math.min(Math.max(score, 0), 1) * 100)}%`;
}

const AREA = new Intl.NumberFormat("en-US");

export function areaPixels(area: number): string {
  return `${AREA.format(area)} px`;
}

/** How many objects there are, and how many are selected when it is not only one. */
export function countText(objects: number, selected: number): string {
  if (selected > 1) return `${selected} of ${objects} selected`;
  return objects === 1 ? "1 object" : `${objects} objects`;
}
