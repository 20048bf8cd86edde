// Few, flat colors: sprite_lab/diffusion/snapping.py for one picture, (C, P) numbers in [-1, 1].

/** log-SNR from which on predictions are snapped. */
export const SNAP_LOG_SNR = 3.8;

/** log-SNR from which on sprites of a style with few colors are predicted in those. */
export const PALETTE_LOG_SNR = 1.0;

const APART = 0.3, REACH = 0.1, BOND = 0.12, ROUNDS = 2, SWEEPS = 1, NOWHERE = 1e3;
const STRAY = 0.6, COLORFUL = 0.5;

/** The picture with the nearest of some colors [r, g, b] for each pixel; alpha stays. */
export function inPalette(x0, side, palette) {
  const pixels = side * side, out = x0.slice();
  for (let p = 0; p < pixels; p++) {
    const costs = palette.map((color) => away(x0, pixels, p, color));
    const color = palette[costs.indexOf(Math.min(...costs))];
    for (let c = 0; c < 3; c++) out[c * pixels + p] = color[c];
  }
  return out;
}

/**
 * The picture in at most `count` colors of its own, white among them; alpha becomes -1 or 1. With a
 * palette, its colors are the nearest of that.
 */
export function snapped(x0, side, count, palette = null) {
  const pixels = side * side, clear = (p) => x0.length > 3 * pixels && x0[3 * pixels + p] < 0;
  const rgb = x0.slice(0, 3 * pixels);
  for (let p = 0; p < pixels; p++) if (clear(p)) rgb[p] = rgb[pixels + p] = rgb[2 * pixels + p] = 1;
  const colors = withoutStrays(rgb, pixels, ownColors(rgb, pixels, count));
  const chosen = assigned(rgb, side, colors);
  let out = new Float32Array(x0.length);
  for (let p = 0; p < pixels; p++)
    for (let c = 0; c < 3; c++) out[c * pixels + p] = colors[chosen[p]][c];
  if (palette) out = inPalette(out, side, palette);
  for (let p = 0; p < pixels; p++) {
    if (clear(p)) out[p] = out[pixels + p] = out[2 * pixels + p] = 1;
    if (x0.length > 3 * pixels) out[3 * pixels + p] = clear(p) ? -1 : 1;
  }
  return out;
}

function away(rgb, pixels, p, color) {
  let sum = 0;
  for (let c = 0; c < 3; c++) sum += (rgb[c * pixels + p] - color[c]) ** 2;
  return sum;
}

function ownColors(rgb, pixels, count) {
  const colors = Array.from({ length: count }, (_, k) => Array(3).fill(k === 0 ? 1 : NOWHERE));
  const nearest = Float64Array.from({ length: pixels }, (_, p) => away(rgb, pixels, p, colors[0]));
  for (let k = 1; k < count; k++) {
    const which = nearest.reduce((best, value, p) => (value > nearest[best] ? p : best), 0);
    if (nearest[which] <= APART ** 2) break;
    colors[k] = [0, 1, 2].map((c) => rgb[c * pixels + which]);
    for (let p = 0; p < pixels; p++) nearest[p] = Math.min(nearest[p], away(rgb, pixels, p, colors[k]));
  }
  for (let round = 0; round < ROUNDS; round++) {
    const sums = colors.map(() => [0, 0, 0, 0]);
    for (let p = 0; p < pixels; p++) {
      const costs = colors.map((color) => away(rgb, pixels, p, color));
      const least = Math.min(...costs), weight = Math.exp(-least / (2 * REACH ** 2));
      const sum = sums[costs.indexOf(least)];
      for (let c = 0; c < 3; c++) sum[c] += weight * rgb[c * pixels + p];
      sum[3] += weight;
    }
    sums.forEach((sum, k) => {
      if (k > 0 && sum[3] > 1e-3) colors[k] = [0, 1, 2].map((c) => sum[c] / sum[3]);
    });
  }
  return colors;
}

/** The colors without those of one stray pixel each. */
function withoutStrays(rgb, pixels, colors) {
  const counts = colors.map(() => 0);
  for (let p = 0; p < pixels; p++) {
    const costs = colors.map((color) => away(rgb, pixels, p, color));
    counts[costs.indexOf(Math.min(...costs))]++;
  }
  const apart = (k) => Math.min(...colors.filter((_, other) => other !== k)
    .map((color) => Math.hypot(...color.map((value, c) => value - colors[k][c]))));
  return colors.map((color, k) =>
    counts[k] <= 1 && Math.max(...color) - Math.min(...color) > COLORFUL && apart(k) > STRAY
      ? Array(3).fill(NOWHERE) : color);
}

/** Which color each pixel takes: one that is near, and its neighbors'. */
function assigned(rgb, side, colors) {
  const pixels = side * side;
  const costs = Array.from({ length: pixels }, (_, p) =>
    colors.map((color) => away(rgb, pixels, p, color)));
  const least = (values) => values.indexOf(Math.min(...values));
  let chosen = costs.map(least);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const before = chosen;
    chosen = costs.map((cost, p) => {
      const bonded = cost.slice(), y = Math.floor(p / side), x = p % side;
      for (let v = Math.max(0, y - 1); v <= Math.min(side - 1, y + 1); v++)
        for (let u = Math.max(0, x - 1); u <= Math.min(side - 1, x + 1); u++)
          if (u !== x || v !== y) bonded[before[v * side + u]] -= BOND;
      return least(bonded);
    });
  }
  return chosen;
}
