// Memory for numbers, and the loops that take the time: WebAssembly where there is SIMD, else
// JavaScript. Both work on one Float32Array, in which everything is named by its first index.

const PAGE = 65536;
/** WebAssembly's stack lies below, in numbers of four bytes. */
const FIRST = 32768;

/** Channels are computed eight at a time. */
export const LANES = 8;
export const wholeLanes = (channels) => Math.ceil(channels / LANES) * LANES;

export class Kernel {
  /** How many numbers there is room for. `wasm`: the compiled kernel.c, or null. */
  constructor(room, wasm) {
    const pages = Math.ceil(((FIRST + room) * 4) / PAGE);
    this.fast = Boolean(wasm);
    if (wasm) {
      const memory = new WebAssembly.Memory({ initial: pages });
      this.heap = new Float32Array(memory.buffer);
      const { convolve, correlate } = new WebAssembly.Instance(wasm, { env: { memory } }).exports;
      this.convolve = (out, from, weights, bias, ...rest) =>
        convolve(4 * out, 4 * from, 4 * weights, 4 * bias, ...rest);
      this.correlate = (gradients, from, out, ...rest) =>
        correlate(4 * gradients, 4 * from, 4 * out, ...rest);
    } else {
      this.heap = new Float32Array((pages * PAGE) / 4);
      this.convolve = (...sizes) => convolve(this.heap, ...sizes);
      this.correlate = (...sizes) => correlate(this.heap, ...sizes);
    }
    this.used = FIRST;
  }

  /** Room for some numbers, all zero: the index of the first. */
  reserve(count) {
    const at = this.used;
    this.used += wholeLanes(count);
    if (this.used > this.heap.length) throw new RangeError("The kernel has no room left.");
    return at;
  }

  /** The numbers from an index on. */
  view(at, count) {
    return this.heap.subarray(at, at + count);
  }
}

/** The compiled kernel, or null where this browser has no WebAssembly SIMD or forbids it. */
export function compiled(bytes) {
  try {
    return new WebAssembly.Module(bytes);
  } catch {
    return null;
  }
}

/**
 * A convolution of one picture, or several linear maps.
 *
 * out[y, x] = bias + sum over `runs` stretches of `run` numbers of in[y, x], which lie `skip`
 * apart, times the weights; for `rows` x `pixels` of them, `panels` times eight channels each.
 * Weights are in panels: (panels, runs, run, 8). `step` and `rowStep` lead from one pixel to the
 * next in `in`, `outStep` and `outRowStep` in `out`.
 */
function convolve(
  heap, out, from, weights, bias,
  rows, pixels, step, rowStep, runs, run, skip, panels, outStep, outRowStep,
) {
  // Four channels at a time: as many sums as the engines keep in registers.
  for (let half = 0; half < 2 * panels; half++) {
    const panel = weights + (half >> 1) * runs * run * 8 + (half & 1) * 4;
    const shift = 4 * half;
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < pixels; x += 2) {
        const second = x + 1 < pixels ? step : 0; // alone, the last pixel is computed twice
        let a0 = heap[bias + shift], a1 = heap[bias + shift + 1];
        let a2 = heap[bias + shift + 2], a3 = heap[bias + shift + 3];
        let b0 = a0, b1 = a1, b2 = a2, b3 = a3;
        let w = panel;
        for (let r = 0; r < runs; r++) {
          let at = from + y * rowStep + x * step + r * skip;
          for (const end = at + run; at < end; at++, w += 8) {
            const a = heap[at], b = heap[at + second];
            const w0 = heap[w], w1 = heap[w + 1], w2 = heap[w + 2], w3 = heap[w + 3];
            a0 += a * w0; a1 += a * w1; a2 += a * w2; a3 += a * w3;
            b0 += b * w0; b1 += b * w1; b2 += b * w2; b3 += b * w3;
          }
        }
        let to = out + y * outRowStep + x * outStep + shift;
        heap[to] = a0; heap[to + 1] = a1; heap[to + 2] = a2; heap[to + 3] = a3;
        if (second) {
          to += outStep;
          heap[to] = b0; heap[to + 1] = b1; heap[to + 2] = b2; heap[to + 3] = b3;
        }
      }
    }
  }
}

/**
 * Adds the gradients of a convolution's weights, in panels as they are.
 *
 * `in`: what it read, pixels of `lanes` channels, rows `rowStep` apart; `out`: the gradients of
 * what it wrote; `size`: the side of its square of taps, 1 or 3.
 */
function correlate(
  heap, gradients, from, out, rows, pixels, rowStep, size, lanes, panels, outStep, outRowStep,
) {
  for (let panel = 0; panel < panels; panel++) {
    for (let tap = 0; tap < size * size; tap++) {
      const first = from + Math.floor(tap / size) * rowStep + (tap % size) * lanes;
      for (let i = 0; i < lanes; i++) {
        const to = gradients + ((panel * size * size + tap) * lanes + i) * LANES;
        let g0 = 0, g1 = 0, g2 = 0, g3 = 0, g4 = 0, g5 = 0, g6 = 0, g7 = 0;
        for (let y = 0; y < rows; y++) {
          let x = first + y * rowStep + i, d = out + y * outRowStep + panel * LANES;
          for (let p = 0; p < pixels; p++, x += lanes, d += outStep) {
            const a = heap[x];
            g0 += a * heap[d]; g1 += a * heap[d + 1]; g2 += a * heap[d + 2]; g3 += a * heap[d + 3];
            g4 += a * heap[d + 4]; g5 += a * heap[d + 5]; g6 += a * heap[d + 6]; g7 += a * heap[d + 7];
          }
        }
        heap[to] += g0; heap[to + 1] += g1; heap[to + 2] += g2; heap[to + 3] += g3;
        heap[to + 4] += g4; heap[to + 5] += g5; heap[to + 6] += g6; heap[to + 7] += g7;
      }
    }
  }
}
