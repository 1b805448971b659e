// From the bytes of a picture to those on the screen: black, white and gamma. Pure.

/** Values and what shows them: `black` as 0, `white` as 255. */
export interface Window {
  readonly black: number;
  readonly white: number;
}

/**
 * For each byte of a picture that was made for one window, the byte that shows the same value in
 * another one, with a gamma above 1 brightening the middle. Null when that changes nothing.
 */
export function toneTable(made: Window, wanted: Window, gamma: number): Uint8ClampedArray | null {
  if (made.black === wanted.black && made.white === wanted.white && gamma === 1) return null;
  const table = new Uint8ClampedArray(256);
  for (let byte = 0; byte < 256; byte++) {
    const value = made.black + (byte / 255) * (made.white - made.black);
    const share = (value - wanted.black) / Math.max(wanted.white - wanted.black, 1e-12);
    table[byte] = 255 * Math.min(Math.max(share, 0), 1) ** (1 / gamma);
  }
  return table;
}

/** Put red, green and blue of RGBA bytes through a table. */
export function applyTable(rgba: Uint8ClampedArray, table: Uint8ClampedArray): void {
  for (let at = 0; at < rgba.length; at += 4) {
    rgba[at] = table[rgba[at] ?? 0] ?? 0;
    rgba[at + 1] = table[rgba[at + 1] ?? 0] ?? 0;
    rgba[at + 2] = table[rgba[at + 2] ?? 0] ?? 0;
  }
}
