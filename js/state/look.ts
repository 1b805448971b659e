// How one view shows the masks: no part of the state, no step of undo, gone with the view.

export interface Look {
  /** Of what fills a mask: 0 nothing, 1 no picture shines through. */
  readonly opacity: number;
  readonly outlinesOnly: boolean;
  /** Only what masks cover is shown of the picture. */
  readonly cutout: boolean;
  /** While a key is held. */
  readonly masksHidden: boolean;
}

/** At this opacity the masks are filled as their styles say. */
export const USUAL_OPACITY = 0.4;

export const USUAL_LOOK: Look = {
  opacity: USUAL_OPACITY,
  outlinesOnly: false,
  cutout: false,
  masksHidden: false,
};

/** How opaque a fill is that is usually as opaque as `usual`. */
export function fillOpacity(usual: number, { opacity, outlinesOnly }: Look): number {
  if (outlinesOnly) return 0;
  return Math.min(Math.max((usual * opacity) / USUAL_OPACITY, 0), 1);
}
