// Our own icons: a 16 pixel grid, 1.5 pixel strokes, the text's colour.

const SHAPES = {
  positive: '<circle cx="8" cy="8" r="5.75"/><path d="M8 5.5v5M5.5 8h5"/>',
  negative: '<circle cx="8" cy="8" r="5.75"/><path d="M5.5 8h5"/>',
  box: '<rect x="3" y="3.5" width="10" height="9" rx=".5" stroke-dasharray="2.4 1.7"/>',
  scribble:
    '<path d="M2.75 10.5c1.5-4.5 3-6.5 4-5.75s-1.25 5 0 5.5 2.5-4.5 3.5-4-.75 4.5.5 5 1.75-1.5 2.5-2.75"/>',
  heat: '<circle cx="8" cy="8" r="1.4"/><path d="M8 4.1a3.9 3.9 0 0 1 0 7.8M8 4.1a3.9 3.9 0 0 0 0 7.8" stroke-dasharray="3 1.4"/><circle cx="8" cy="8" r="6" stroke-dasharray="1.6 2.2"/>',
  refit:
    '<path d="M12.9 6.5A5.2 5.2 0 0 0 3.6 5M3.1 9.5a5.2 5.2 0 0 0 9.3 1.5"/><path d="M3.25 2.5V5.25H6M12.75 13.5v-2.75H10"/>',
  select: '<path d="M4 2.75l8.5 5.1-3.9 1 2.1 3.9-1.7.9-2.1-3.9-2.9 2.7z"/>',
  brush:
    '<path d="M13.4 2.6L8.2 9.1M5.6 8.1a2.6 2.6 0 0 1 2.6 2.6c0 2-2 2.9-5.7 2.9 1-.8.7-1.7.7-2.9a2.5 2.5 0 0 1 2.4-2.6z"/>',
  eraser: '<path d="M9 3l4 4-5.75 5.75h-2.5L2.5 10.5zM6 6l4 4M4.75 12.75h8.5"/>',
  polygon:
    '<path d="M8 3.25L13 6.5 11.25 12.5H4.75L3 6.5z"/><path d="M8 3.2v.1M13 6.45v.1M11.25 12.45v.1M4.75 12.45v.1M3 6.45v.1" stroke-width="3"/>',
  mask: '<path d="M3 8.5c0-3 2-5.25 5-5.25s5 2.25 5 4.75-1.5 2-2.25 3-1 1.75-2.75 1.75S3 11.5 3 8.5z"/><circle cx="6.75" cy="7.5" r="1.25"/>',
  undo: '<path d="M5.5 3L2.75 5.75 5.5 8.5"/><path d="M3 5.75h6.25a3.75 3.75 0 0 1 0 7.5H6"/>',
  redo: '<path d="M10.5 3l2.75 2.75L10.5 8.5"/><path d="M13 5.75H6.75a3.75 3.75 0 0 0 0 7.5H10"/>',
  clear: '<path d="M4.25 4.25l7.5 7.5M11.75 4.25l-7.5 7.5"/>',
  commit: '<path d="M3 8.5l3.25 3.25L13 4.75"/>',
  zoomIn: '<path d="M8 3.25v9.5M3.25 8h9.5"/>',
  zoomOut: '<path d="M3.25 8h9.5"/>',
  help: '<circle cx="8" cy="8" r="5.75"/><path d="M6.4 6.4a1.65 1.65 0 1 1 2.5 1.45c-.6.36-.9.65-.9 1.25"/><path d="M8 11.05v.05"/>',
  everything:
    '<path d="M6.75 2.75l1.3 3.45 3.45 1.3-3.45 1.3-1.3 3.45-1.3-3.45L2 7.5l3.45-1.3z"/><path d="M12 10.25v3.5M10.25 12h3.5"/>',
  find: '<circle cx="7" cy="7" r="4.25"/><path d="M10.25 10.25l3.25 3.25"/>',
  stop: '<rect x="4.5" y="4.5" width="7" height="7" rx="1"/>',
  delete: '<path d="M3 4.5h10M6.5 4.5V3h3v1.5M4.25 4.5l.5 8.5h6.5l.5-8.5M6.75 7v3.5M9.25 7v3.5"/>',
  eye: '<path d="M1.75 8S4 3.75 8 3.75 14.25 8 14.25 8 12 12.25 8 12.25 1.75 8 1.75 8z"/><circle cx="8" cy="8" r="1.9"/>',
  hidden:
    '<path d="M3.6 5.3C2.4 6.5 1.75 8 1.75 8S4 12.25 8 12.25c1 0 1.9-.26 2.65-.65M6 4.1c.6-.23 1.27-.35 2-.35 4 0 6.25 4.25 6.25 4.25s-.5.95-1.5 1.95"/><path d="M3 2.75l10 10.5"/>',
  locked:
    '<rect x="3.75" y="7" width="8.5" height="6.25" rx="1"/><path d="M5.5 7V5.25a2.5 2.5 0 0 1 5 0V7"/>',
  unlocked:
    '<rect x="3.75" y="7" width="8.5" height="6.25" rx="1"/><path d="M5.5 7V4.75a2.5 2.5 0 0 1 4.8-1"/>',
  grip: '<path d="M6 4v.01M10 4v.01M6 8v.01M10 8v.01M6 12v.01M10 12v.01"/>',
  rename: '<path d="M3.25 12.75l.6-2.6 6.9-6.9 2 2-6.9 6.9zM9.5 4.5l2 2"/>',
  refine:
    '<path d="M6.5 3.25H3.25V6.5M9.5 12.75h3.25V9.5M3.25 9.5v3.25H6.5M12.75 6.5V3.25H9.5"/><path d="M8 6.25v3.5M6.25 8h3.5"/>',
  close: '<path d="M4.5 4.5l7 7M11.5 4.5l-7 7"/>',
  warning: '<path d="M8 2.75L14 13H2z"/><path d="M8 6.5v3M8 11.2v.05"/>',
  view: '<path d="M2.75 4.75h5.5M11.75 4.75h1.5M2.75 11.25h1.5M7.75 11.25h5.5"/><circle cx="10" cy="4.75" r="1.6"/><circle cx="6" cy="11.25" r="1.6"/>',
  previous: '<path d="M9.75 3.75L5.5 8l4.25 4.25"/>',
  next: '<path d="M6.25 3.75L10.5 8l-4.25 4.25"/>',
  skip: '<path d="M3.5 4.25L7.25 8 3.5 11.75M8 4.25L11.75 8 8 11.75M13.25 4.25v7.5"/>',
  submit: '<path d="M1.75 8.5l2.75 2.75 6-6.5M7.75 11.25l6.5-6.5"/>',
  image:
    '<rect x="2.5" y="3.25" width="11" height="9.5" rx="1"/><circle cx="5.75" cy="6.25" r="1"/><path d="M3 11.5l3.25-3 2.25 2 2-1.75 2.75 2.5"/>',
} as const;

export type IconName = keyof typeof SHAPES;

const drawn = new Map<IconName, SVGElement>();

export function icon(name: IconName): SVGElement {
  const first = drawn.get(name) ?? draw(name);
  drawn.set(name, first);
  return first.cloneNode(true) as SVGElement;
}

function draw(name: IconName): SVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [attribute, value] of Object.entries({
    viewBox: "0 0 16 16",
    width: "16",
    height: "16",
    fill: "none",
    stroke: "currentColor",
    "stroke-width": "1.5",
    "stroke-linecap": "round",
    "stroke-linejoin": "round",
    "aria-hidden": "true",
  })) {
    svg.setAttribute(attribute, value);
  }
  svg.innerHTML = SHAPES[name];
  return svg;
}
