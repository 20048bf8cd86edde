// The network of sprite_lab/diffusion/patch_unet.py and color_attention.py, for one sprite at a
// time. A map holds (rows, columns, channels) numbers, channels padded to whole lanes, with a
// border of zeros one pixel wide, so that a 3x3 convolution reads three stretches of memory.

import { LANES, wholeLanes } from "./kernel.mjs";
import { alphaOf, sigmoid, stdOf } from "./levels.mjs";

const PATCH = 2;
const HEADS = 4, BANDS = 32;
export const NORM_EPSILON = 1e-5;
const LOG_SNR_UNIT = 12, LOG_SNR_BOUND = 16;
const silu = (x) => x / (1 + Math.exp(-x));
const clamp = (x, low, high) => Math.min(Math.max(x, low), high);

/** How many numbers the kernel must have room for. `tensors`: {name: {shape, values}}. */
export function roomFor(tensors, { width, image_size: side }) {
  let room = (side * side + 64) ** 2 + 64 * wholeLanes(4 * width) * (side / 2 + 2) ** 2;
  for (const { shape } of Object.values(tensors)) {
    const [out, into = 1, ...kernel] = shape;
    room += wholeLanes(out) * wholeLanes(into) * kernel.reduce((a, b) => a * b, 1) + wholeLanes(out);
  }
  return room;
}

class Convolution {
  /** `names`: tensors (out, in, k, k), put together as one. `inputs`: how many channels lie there. */
  constructor(kernel, tensors, names) {
    const parts = names.map((name) => ({
      weight: tensors[`${name}.weight`],
      bias: tensors[`${name}.bias`]?.values,
    }));
    const [, into, size = 1] = parts[0].weight.shape;
    const out = parts.reduce((sum, { weight }) => sum + weight.shape[0], 0);
    Object.assign(this, { kernel, into, out, size, lanesIn: wholeLanes(into) });
    this.panels = wholeLanes(out) / LANES;
    this.weights = kernel.reserve(this.panels * LANES * size * size * this.lanesIn);
    this.bias = kernel.reserve(this.panels * LANES);
    const stretch = size * size * this.lanesIn * LANES;
    let o = 0;
    for (const { weight, bias } of parts) {
      const taps = size * size;
      for (let row = 0; row < weight.shape[0]; row++, o++) {
        const at = this.weights + Math.floor(o / LANES) * stretch + (o % LANES);
        for (let i = 0; i < into; i++) {
          for (let tap = 0; tap < taps; tap++) {
            const value = weight.values[(row * into + i) * taps + tap];
            kernel.heap[at + (tap * this.lanesIn + i) * LANES] = value;
          }
        }
        if (bias) kernel.heap[this.bias + o] = bias[row];
      }
    }
  }

  /** From one map to another, which is `stride` times smaller. */
  run(from, to, stride = 1) {
    const { size, lanesIn } = this, skip = from.row;
    const inset = size === 3 ? 0 : from.row + from.lanes;
    this.kernel.convolve(
      to.at + to.row + to.lanes, from.at + inset, this.weights, this.bias,
      to.side, to.side, stride * from.lanes, stride * from.row,
      size, size * lanesIn, skip, this.panels, to.lanes, to.row,
    );
  }

  /** A linear map of one vector. */
  apply(from, to) {
    this.kernel.convolve(
      to, from, this.weights, this.bias, 1, 1, 0, 0, 1, this.lanesIn, 0, this.panels, 0, 0,
    );
  }
}

/** A square picture of `channels` in the kernel's memory. */
export class FeatureMap {
  constructor(kernel, side, channels) {
    const lanes = wholeLanes(channels);
    Object.assign(this, { kernel, side, channels, lanes, row: (side + 2) * lanes });
    this.at = kernel.reserve((side + 2) * this.row);
  }

  /** Index of a pixel's first channel. */
  pixel(y, x) {
    return this.at + (y + 1) * this.row + (x + 1) * this.lanes;
  }

  *pixels() {
    for (let y = 0; y < this.side; y++) for (let x = 0; x < this.side; x++) yield this.pixel(y, x);
  }

  add(other) {
    const heap = this.kernel.heap, length = this.side * this.lanes;
    for (let y = 0; y < this.side; y++) {
      const a = this.pixel(y, 0), b = other.pixel(y, 0);
      for (let i = 0; i < length; i++) heap[a + i] += heap[b + i];
    }
  }

  /** Takes the channels of two maps, one after the other. */
  join(first, second) {
    const heap = this.kernel.heap;
    for (let y = 0; y < this.side; y++) {
      for (let x = 0; x < this.side; x++) {
        const to = this.pixel(y, x), a = first.pixel(y, x), b = second.pixel(y, x);
        heap.copyWithin(to, a, a + first.channels);
        heap.copyWithin(to + first.channels, b, b + second.channels);
      }
    }
  }
}

/** Layer norm over the channels of each pixel; then scale and shift if given; then SiLU if asked. */
class Norm {
  constructor(tensors, name) {
    this.weight = tensors[`${name}.weight`].values;
    this.bias = tensors[`${name}.bias`].values;
  }

  run(from, to, { film = null, activated = true } = {}) {
    const heap = from.kernel.heap, { weight, bias } = this, count = from.channels;
    for (let y = 0; y < from.side; y++) {
      for (let x = 0; x < from.side; x++) {
        const a = from.pixel(y, x), b = to.pixel(y, x);
        let mean = 0, variance = 0;
        for (let i = 0; i < count; i++) mean += heap[a + i];
        mean /= count;
        for (let i = 0; i < count; i++) variance += (heap[a + i] - mean) ** 2;
        const scale = 1 / Math.sqrt(variance / count + NORM_EPSILON);
        for (let i = 0; i < count; i++) {
          let value = (heap[a + i] - mean) * scale * weight[i] + bias[i];
          if (film) value = film[count + i] + value * (1 + film[i]);
          heap[b + i] = activated ? silu(value) : value;
        }
      }
    }
  }
}

class Block {
  constructor(kernel, tensors, name, side) {
    const layer = (part) => new Convolution(kernel, tensors, [`${name}.${part}`]);
    this.norm1 = new Norm(tensors, `${name}.norm1`);
    this.norm2 = new Norm(tensors, `${name}.norm2`);
    this.conv1 = layer("conv1");
    this.conv2 = layer("conv2");
    this.film = layer("film");
    this.skip = tensors[`${name}.skip.weight`] ? layer("skip") : null;
    this.filmed = kernel.reserve(this.film.panels * LANES);
    const map = (channels) => new FeatureMap(kernel, side, channels);
    this.ready = map(this.conv1.into);
    this.middle = map(this.conv1.out);
    this.middleReady = map(this.conv1.out);
    this.out = map(this.conv1.out);
    this.skipped = this.skip && map(this.conv1.out);
  }

  run(from, embedding) {
    const { kernel } = this.conv1;
    this.norm1.run(from, this.ready);
    this.conv1.run(this.ready, this.middle);
    this.film.apply(embedding, this.filmed);
    const film = kernel.view(this.filmed, this.film.out);
    this.norm2.run(this.middle, this.middleReady, { film });
    this.conv2.run(this.middleReady, this.out);
    if (this.skip) this.skip.run(from, this.skipped);
    this.out.add(this.skipped ?? from);
    return this.out;
  }
}

class Attention {
  constructor(kernel, tensors, name, side) {
    this.norm = new Norm(tensors, `${name}.norm`);
    this.qkv = new Convolution(kernel, tensors, [`${name}.qkv`]);
    this.project = new Convolution(kernel, tensors, [`${name}.out`]);
    const map = (channels) => new FeatureMap(kernel, side, channels);
    const channels = this.project.out;
    this.ready = map(channels);
    this.asked = map(3 * channels);
    this.mixed = map(channels);
    this.out = map(channels);
  }

  run(from) {
    this.norm.run(from, this.ready, { activated: false });
    this.qkv.run(this.ready, this.asked);
    const { heap } = this.qkv.kernel, channels = from.channels, wide = channels / HEADS;
    const places = [...this.asked.pixels()], targets = [...this.mixed.pixels()];
    const weight = new Float64Array(places.length);
    for (let first = 0; first < channels; first += wide) {
      places.forEach((query, p) => {
        let most = -Infinity, total = 0;
        places.forEach((key, k) => {
          let sum = 0;
          for (let i = first; i < first + wide; i++) sum += heap[query + i] * heap[key + channels + i];
          weight[k] = sum / Math.sqrt(wide);
          most = Math.max(most, weight[k]);
        });
        for (let k = 0; k < weight.length; k++) total += weight[k] = Math.exp(weight[k] - most);
        for (let i = first; i < first + wide; i++) {
          let sum = 0;
          for (let k = 0; k < weight.length; k++) sum += weight[k] * heap[places[k] + 2 * channels + i];
          heap[targets[p] + i] = sum / total;
        }
      });
    }
    this.project.run(this.mixed, this.out);
    this.out.add(from);
    return this.out;
  }
}

// Of color_attention.py.
const KEYS = 8, EXTRAS = 2 + KEYS, WIDTH = 16;
const KNOTS = [-4, -2, 0, 2, 4, 6, 8, 10, 12, 14], FADE_IN = [-2, 0];

class ColorAttention {
  constructor(kernel, tensors, channels, side) {
    const values = (name) => tensors[`colour_attention.${name}`].values;
    this.logWidth = values("log_width"); // (knots, 2)
    this.logGain = values("log_gain"); // (knots, 1)
    this.logCount = values("log_count"); // (knots, 1)
    this.gates = values("gates"); // (knots, 2)
    const count = side * side;
    Object.assign(this, { kernel, channels, count, told: wholeLanes(count + 1) });
    this.queries = kernel.reserve(count * WIDTH);
    this.keys = kernel.reserve(this.told * WIDTH);
    this.values = kernel.reserve(this.told * LANES);
    this.weights = kernel.reserve(count * this.told);
    this.mixed = kernel.reserve(count * LANES);
    this.none = kernel.reserve(this.told);
  }

  /** x0 (C, P) with colors shared; `extras` (EXTRAS, P), `noisy` x_t (C, P). */
  run(x0, extras, noisy, logSnr) {
    const fade = clamp((logSnr - FADE_IN[0]) / (FADE_IN[1] - FADE_IN[0]), 0, 1);
    if (fade === 0) return x0;
    const { channels, count } = this, alpha = alphaOf(logSnr), sigma = stdOf(logSnr) / alpha;
    const place = clamp(logSnr, KNOTS[0], KNOTS[KNOTS.length - 1]);
    const bands = KNOTS.map((knot) => Math.max(0, 1 - Math.abs(place - knot) / 2));
    const total = Math.max(bands.reduce((a, b) => a + b), 1e-6);
    const at = (table, column, columns) =>
      bands.reduce((sum, band, k) => sum + (band / total) * table[k * columns + column], 0);
    const gain = Math.exp(at(this.logGain, 0, 1)), worth = at(this.logCount, 0, 1);
    const keepLogit = at(this.gates, 0, 2), showLogit = at(this.gates, 1, 2);

    // Pixel by pixel, and the page as one more behind them; all near 0, where digits are kept.
    const center = new Float64Array(channels);
    for (let c = 0; c < channels; c++) {
      for (let p = 0; p < count; p++) center[c] += x0[c * count + p];
      center[c] /= count;
    }
    const own = new Float32Array(count * channels), seen = new Float32Array(own.length);
    const shared = new Float32Array(count), keys = new Float32Array((count + 1) * KEYS);
    const shown = this.kernel.view(this.values, this.told * LANES);
    shown.fill(0);
    for (let p = 0; p < count; p++) {
      shared[p] = (1 - sigmoid(keepLogit + extras[p])) * fade;
      const show = sigmoid(showLogit + extras[count + p]);
      for (let c = 0; c < channels; c++) {
        const mine = x0[c * count + p] - center[c], raw = noisy[c * count + p] / alpha - center[c];
        own[p * channels + c] = mine;
        seen[p * channels + c] = raw;
        shown[p * LANES + c] = raw + show * (mine - raw);
      }
      for (let k = 0; k < KEYS; k++) keys[p * KEYS + k] = extras[(2 + k) * count + p] * gain;
    }
    const page = Array.from(center, (mean, c) => (c < 3 ? 1 : -1) - mean);
    page.forEach((value, c) => (shown[count * LANES + c] = value));

    const among = (asked, told, width) => this.#among(asked, told, page, keys, worth, width);
    const lerp = (from, to) => {
      const out = new Float32Array(from.length);
      for (let p = 0; p < count; p++) {
        for (let c = 0; c < channels; c++) {
          const i = p * channels + c;
          out[i] = from[i] + shared[p] * (to[p * LANES + c] - from[i]);
        }
      }
      return out;
    };
    const once = lerp(own, among(own, own, sigma * Math.exp(at(this.logWidth, 0, 2))));
    const twice = lerp(own, among(once, seen, sigma * Math.exp(at(this.logWidth, 1, 2))));
    const out = new Float32Array(x0.length);
    for (let p = 0; p < count; p++)
      for (let c = 0; c < channels; c++) out[c * count + p] = twice[p * channels + c] + center[c];
    return out;
  }

  /** The mean of the values near each color: softmax of -|query - key|^2 / 2. (P, LANES) */
  #among(asked, told, page, keys, worth, width) {
    const { kernel, channels, count } = this, { heap } = kernel;
    const last = channels + KEYS; // here the key has its weight
    const query = kernel.view(this.queries, count * WIDTH);
    for (let p = 0; p < count; p++) {
      for (let c = 0; c < channels; c++) query[p * WIDTH + c] = asked[p * channels + c] / width;
      for (let k = 0; k < KEYS; k++) query[p * WIDTH + channels + k] = keys[p * KEYS + k];
      query[p * WIDTH + last] = 1;
    }
    for (let j = 0; j <= count; j++) {
      const at = this.keys + Math.floor(j / LANES) * WIDTH * LANES + (j % LANES);
      let square = 0;
      for (let c = 0; c < channels; c++) {
        const value = (j < count ? told[j * channels + c] : page[c]) / width;
        heap[at + c * LANES] = value;
        square += value * value;
      }
      for (let k = 0; k < KEYS; k++) {
        const value = keys[j * KEYS + k];
        heap[at + (channels + k) * LANES] = value;
        square += value * value;
      }
      heap[at + last * LANES] = (j < count ? 0 : worth) - square / 2;
    }
    kernel.convolve(
      this.weights, this.queries, this.keys, this.none,
      1, count, WIDTH, 0, 1, WIDTH, 0, this.told / LANES, this.told, 0,
    );
    for (let p = 0; p < count; p++) {
      const row = this.weights + p * this.told;
      let most = -Infinity, sum = 0;
      for (let j = 0; j <= count; j++) if (heap[row + j] > most) most = heap[row + j];
      for (let j = 0; j <= count; j++) sum += heap[row + j] = Math.exp(heap[row + j] - most);
      for (let j = 0; j <= count; j++) heap[row + j] /= sum;
      for (let j = count + 1; j < this.told; j++) heap[row + j] = 0;
    }
    kernel.convolve(
      this.mixed, this.weights, this.values, this.none,
      1, count, this.told, 0, 1, this.told, 0, 1, LANES, 0,
    );
    return kernel.view(this.mixed, count * LANES);
  }
}

export class PatchUNet {
  /**
   * `tensors`: those of the model's state by name, each {shape, values}.
   * `config`: as NetworkConfig has it. `prediction`: "epsilon", "x0" or "v".
   */
  constructor(kernel, tensors, config, prediction) {
    const inner = {};
    for (const [name, tensor] of Object.entries(tensors)) {
      if (name.startsWith("network.")) inner[name.slice("network.".length)] = tensor;
    }
    const { image_size: side, channels } = config, fine = side / PATCH, coarse = fine / 2;
    const layer = (...names) => (inner[`${names[0]}.weight`] ? new Convolution(kernel, inner, names) : null);
    const block = (name, size) => new Block(kernel, inner, name, size);
    Object.assign(this, { kernel, config, prediction, side, channels });
    this.level = [layer("level.layers.0"), layer("level.layers.2")];
    this.context = layer("context");
    this.blend = layer("blend");
    this.guidance = layer("guidance.layer");
    this.stem = layer("stem");
    this.down = layer("down");
    this.up = layer("up");
    this.head = inner["extras.weight"] ? layer("head", "extras") : layer("head");
    this.norm = new Norm(inner, "norm");
    this.fineIn = [0, 1].map((i) => block(`fine_in.${i}`, fine));
    this.coarseIn = [0, 1].map((i) => block(`coarse_in.${i}`, coarse));
    this.attention = new Attention(kernel, inner, "attention", coarse);
    this.coarseOut = [0, 1].map((i) => block(`coarse_out.${i}`, coarse));
    this.fineOut = [0, 1].map((i) => block(`fine_out.${i}`, fine));
    this.colors = inner["extras.weight"] ? new ColorAttention(kernel, tensors, channels, side) : null;
    const map = (size, count) => new FeatureMap(kernel, size, count);
    this.patches = map(fine, channels * PATCH * PATCH);
    this.first = map(fine, this.stem.out);
    this.lower = map(coarse, this.down.out);
    this.joinedCoarse = map(coarse, 2 * this.down.out);
    this.upped = map(coarse, this.up.out);
    this.larger = map(fine, this.up.out);
    this.joined = [0, 1].map(() => map(fine, this.up.out + this.stem.out));
    this.normed = map(fine, this.stem.out);
    this.ended = map(fine, this.head.out);
    this.vectors = Array.from({ length: 4 }, () =>
      kernel.reserve(Math.max(this.level[0].panels * LANES, wholeLanes(config.context_size), 2 * BANDS)));
  }

  /**
   * x0 as predicted for one noisy sprite.
   *
   * x: (C, H, W) at `logSnr`; `context`: what is asked for, one weight a class, word and style;
   * `scale`: of guidance, for a network that was taught it.
   */
  predict(x, logSnr, context, scale = 1) {
    const out = this.run(x, logSnr, context, scale), count = this.channels * this.side ** 2;
    const x0 = this.#toX0(out.subarray(0, count), x, logSnr);
    return this.colors ? this.colors.run(x0, out.subarray(count), x, logSnr) : x0;
  }

  /** Its own prediction, (C, H, W), and behind it what the colors are shared by. */
  run(x, logSnr, context, scale = 1) {
    const embedding = this.embedding = this.#embed(logSnr, context, scale);
    this.#shuffleIn(x);
    this.stem.run(this.patches, this.first);
    const first = this.fineIn[0].run(this.first, embedding);
    const second = this.fineIn[1].run(first, embedding);
    this.down.run(second, this.lower, 2);
    const coarse = this.coarseIn[0].run(this.lower, embedding);
    let h = this.attention.run(this.coarseIn[1].run(coarse, embedding));
    this.joinedCoarse.join(h, coarse);
    h = this.coarseOut[1].run(this.coarseOut[0].run(this.joinedCoarse, embedding), embedding);
    this.up.run(h, this.upped);
    this.#enlarge();
    this.joined[0].join(this.larger, second);
    h = this.fineOut[0].run(this.joined[0], embedding);
    this.joined[1].join(h, first);
    h = this.fineOut[1].run(this.joined[1], embedding);
    this.norm.run(h, this.normed);
    this.head.run(this.normed, this.ended);
    return this.#shuffleOut();
  }

  #embed(logSnr, context, scale) {
    const { heap } = this.kernel, [waves, hidden, sum, more] = this.vectors;
    const size = this.level[0].out;
    const vector = (at) => this.kernel.view(at, size);
    const position = clamp(logSnr, -LOG_SNR_BOUND, LOG_SNR_BOUND) / LOG_SNR_UNIT;
    for (let band = 0; band < BANDS; band++) {
      const angle = position * Math.fround(Math.exp((4 * band) / (BANDS - 1)));
      heap[waves + band] = Math.sin(angle);
      heap[waves + BANDS + band] = Math.cos(angle);
    }
    this.level[0].apply(waves, hidden);
    vector(hidden).forEach((value, i, all) => (all[i] = silu(value)));
    this.level[1].apply(hidden, sum);
    const add = (at) => vector(at).forEach((value, i) => (heap[sum + i] += value));
    if (this.context) {
      this.kernel.view(waves, this.context.lanesIn).fill(0);
      heap.set(context, waves);
      this.context.apply(waves, more);
      add(more);
      if (this.blend) {
        vector(more).forEach((value, i, all) => (all[i] = silu(value)));
        this.blend.apply(more, hidden);
        add(hidden);
      }
      if (this.guidance) {
        const strength = Math.log((1 + scale) / 2);
        for (let i = 0; i < context.length; i++) heap[waves + i] = context[i] * strength;
        this.guidance.apply(waves, hidden);
        add(hidden);
      }
    }
    vector(sum).forEach((value, i, all) => (all[i] = silu(value)));
    return sum;
  }

  /** Calls back with the index of each number of a picture (C, H, W), and that in a map of patches. */
  shuffled(map, channels, visit) {
    const { side } = this;
    for (let c = 0; c < channels; c++) {
      for (let y = 0; y < side; y++) {
        for (let x = 0; x < side; x++) {
          const inner = (y % PATCH) * PATCH + (x % PATCH);
          const at = map.pixel(Math.floor(y / PATCH), Math.floor(x / PATCH));
          visit((c * side + y) * side + x, at + c * PATCH * PATCH + inner);
        }
      }
    }
  }

  #shuffleIn(x) {
    const { heap } = this.kernel;
    this.shuffled(this.patches, this.channels, (i, at) => (heap[at] = x[i]));
  }

  #shuffleOut() {
    const { heap } = this.kernel, channels = this.head.out / (PATCH * PATCH);
    const out = new Float32Array(channels * this.side ** 2);
    this.shuffled(this.ended, channels, (i, at) => (out[i] = heap[at]));
    return out;
  }

  #enlarge() {
    const { heap } = this.kernel, { larger, upped } = this;
    for (let y = 0; y < larger.side; y++) {
      for (let x = 0; x < larger.side; x++) {
        const from = upped.pixel(y >> 1, x >> 1);
        heap.copyWithin(larger.pixel(y, x), from, from + upped.lanes);
      }
    }
  }

  #toX0(prediction, x, logSnr) {
    const alpha = alphaOf(logSnr), std = stdOf(logSnr);
    if (this.prediction === "x0") return prediction.slice();
    return prediction.map((value, i) =>
      this.prediction === "v" ? alpha * x[i] - std * value : (x[i] - std * value) / alpha);
  }
}
