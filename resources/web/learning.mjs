// Fine-tuning in the page: the half of the network that draws, from coarseOut on, learns from a few
// sprites. What it understands of noise and words, the half before, stays as it is.
//
// The loss is that of sprite_lab/diffusion/loss.py on the network's own prediction; which is why
// no level is learned at which colors are shared behind it.

import { LANES } from "./kernel.mjs";
import { alphaOf, stdOf } from "./levels.mjs";
import { FeatureMap, NORM_EPSILON } from "./network.mjs";

const BETA1 = 0.9, BETA2 = 0.99, TINY = 1e-8;

/** Numbers that learn by Adam (Kingma & Ba 2015). */
class Learned {
  constructor(values, gradient = new Float32Array(values.length)) {
    Object.assign(this, { values, gradient });
    this.mean = new Float32Array(values.length);
    this.square = new Float32Array(values.length);
  }

  step(rate, count) {
    const { values, gradient, mean, square } = this;
    const first = rate / (1 - BETA1 ** count), second = 1 / (1 - BETA2 ** count);
    for (let i = 0; i < values.length; i++) {
      const g = gradient[i];
      mean[i] += (1 - BETA1) * (g - mean[i]);
      square[i] += (1 - BETA2) * (g * g - square[i]);
      values[i] -= (first * mean[i]) / (Math.sqrt(second * square[i]) + TINY);
    }
    gradient.fill(0);
  }
}

class ConvolutionBack {
  constructor(layer) {
    const { kernel, panels, size, lanesIn } = layer;
    Object.assign(this, { layer, kernel });
    const count = panels * LANES * size * size * lanesIn;
    this.gradient = kernel.reserve(count);
    this.weights = new Learned(kernel.view(layer.weights, count), kernel.view(this.gradient, count));
    this.bias = new Learned(kernel.view(layer.bias, panels * LANES));
    this.turned = kernel.reserve(count);
    this.none = kernel.reserve(lanesIn);
    this.learned = [this.weights, this.bias];
    this.turn();
  }

  /** The weights as those of the convolution that leads back. */
  turn() {
    const { heap } = this.kernel, { weights, panels, size, lanesIn } = this.layer;
    const lanesOut = panels * LANES, taps = size * size;
    for (let panel = 0; panel < panels; panel++) {
      for (let tap = 0; tap < taps; tap++) {
        for (let i = 0; i < lanesIn; i++) {
          const from = weights + ((panel * taps + tap) * lanesIn + i) * LANES;
          const back = (i >> 3) * taps * lanesOut + (taps - 1 - tap) * lanesOut + panel * LANES;
          const to = this.turned + back * LANES + (i & 7);
          for (let o = 0; o < LANES; o++) heap[to + o * LANES] = heap[from + o];
        }
      }
    }
  }

  /** `from`: the map that it read; `d`: gradients of what it wrote; `to`: takes those of `from`. */
  run(from, d, to) {
    const { kernel, layer: { size, lanesIn, panels } } = this, { side } = d;
    const inset = (map) => map.at + (size === 3 ? 0 : map.row + map.lanes);
    kernel.correlate(
      this.gradient, inset(from), d.pixel(0, 0), side, side, from.row,
      size, lanesIn, panels, d.lanes, d.row,
    );
    for (const at of d.pixels())
      for (let o = 0; o < d.channels; o++) this.bias.gradient[o] += kernel.heap[at + o];
    kernel.convolve(
      to.pixel(0, 0), inset(d), this.turned, this.none,
      side, side, d.lanes, d.row, size, size * d.lanes, d.row, lanesIn / LANES, to.lanes, to.row,
    );
  }
}

/** A linear map of one vector, whose input does not learn. */
class LinearBack {
  constructor(layer) {
    const { kernel, panels, lanesIn } = layer;
    Object.assign(this, { kernel, lanesIn });
    this.weights = new Learned(kernel.view(layer.weights, panels * LANES * lanesIn));
    this.bias = new Learned(kernel.view(layer.bias, panels * LANES));
    this.learned = [this.weights, this.bias];
  }

  run(from, d) {
    const { heap } = this.kernel, { lanesIn } = this;
    for (let o = 0; o < d.length; o++) {
      this.bias.gradient[o] += d[o];
      const at = (o >> 3) * lanesIn * LANES + (o & 7);
      for (let i = 0; i < lanesIn; i++) this.weights.gradient[at + i * LANES] += heap[from + i] * d[o];
    }
  }
}

class NormBack {
  constructor(norm) {
    // Its weights are the page's own; the ones that learn are a copy.
    norm.weight = norm.weight.slice();
    norm.bias = norm.bias.slice();
    this.weight = new Learned(norm.weight);
    this.bias = new Learned(norm.bias);
    this.learned = [this.weight, this.bias];
  }

  /** Turns `d`, of what it wrote, into that of what it read; adds that of `film` to `dFilm`. */
  run(from, d, { film = null, dFilm = null } = {}) {
    const { heap } = from.kernel, count = from.channels;
    const weight = this.weight.values, bias = this.bias.values;
    const dWeight = this.weight.gradient, dBias = this.bias.gradient;
    const normal = new Float64Array(count), dNormal = new Float64Array(count);
    for (let y = 0; y < from.side; y++) {
      for (let x = 0; x < from.side; x++) {
        const a = from.pixel(y, x), b = d.pixel(y, x);
        let mean = 0, variance = 0, all = 0, along = 0;
        for (let i = 0; i < count; i++) mean += heap[a + i];
        mean /= count;
        for (let i = 0; i < count; i++) variance += (heap[a + i] - mean) ** 2;
        const scale = 1 / Math.sqrt(variance / count + NORM_EPSILON);
        for (let i = 0; i < count; i++) {
          normal[i] = (heap[a + i] - mean) * scale;
          const plain = normal[i] * weight[i] + bias[i];
          const value = film ? film[count + i] + plain * (1 + film[i]) : plain;
          const gate = 1 / (1 + Math.exp(-value));
          let g = heap[b + i] * gate * (1 + value * (1 - gate));
          if (film) {
            dFilm[count + i] += g;
            dFilm[i] += g * plain;
            g *= 1 + film[i];
          }
          dBias[i] += g;
          dWeight[i] += g * normal[i];
          dNormal[i] = g * weight[i];
          all += dNormal[i];
          along += dNormal[i] * normal[i];
        }
        for (let i = 0; i < count; i++)
          heap[b + i] = scale * (dNormal[i] - all / count - (normal[i] * along) / count);
      }
    }
  }
}

class BlockBack {
  constructor(block) {
    const { conv1, conv2, film, skip, norm1, norm2, out } = block, { kernel } = conv1;
    this.block = block;
    const map = (channels) => new FeatureMap(kernel, out.side, channels);
    this.parts = {
      conv1: new ConvolutionBack(conv1), conv2: new ConvolutionBack(conv2),
      norm1: new NormBack(norm1), norm2: new NormBack(norm2), film: new LinearBack(film),
      ...(skip && { skip: new ConvolutionBack(skip) }),
    };
    this.learned = Object.values(this.parts).flatMap((part) => part.learned);
    this.middle = map(conv1.out);
    this.from = map(conv1.into);
    this.skipped = skip && map(conv1.into);
  }

  turn() {
    for (const part of Object.values(this.parts)) part.turn?.();
  }

  /** The gradients of `from`, the map that the block read, of those of its output. */
  run(from, embedding, d) {
    const { block, parts, middle } = this, { kernel } = block.conv1;
    parts.conv2.run(block.middleReady, d, middle);
    const film = kernel.view(block.filmed, block.film.out), dFilm = new Float32Array(film.length);
    parts.norm2.run(block.middle, middle, { film, dFilm });
    parts.film.run(embedding, dFilm);
    parts.conv1.run(block.ready, middle, this.from);
    parts.norm1.run(from, this.from);
    if (parts.skip) parts.skip.run(from, d, this.skipped);
    this.from.add(this.skipped ?? d);
    return this.from;
  }
}

/** How many more numbers the kernel must have room for. */
export function roomToLearn({ width, image_size: side }) {
  const blocks = [[4, 2], [2, 2], [2, 1], [2, 1]]; // widths of what they read and write
  let numbers = 64 * width * 9 + 2 * width * width; // head, up
  for (const [into, out] of blocks) numbers += (9 * (into + out) * out + into * out) * width ** 2;
  return 2 * numbers + 64 * (4 * width + LANES) * (side / 2 + 2) ** 2;
}

export class Learner {
  /** `network`: a PatchUNet of its own, which changes. */
  constructor(network) {
    const { kernel, normed, ended, upped } = network;
    const like = (map) => new FeatureMap(kernel, map.side, map.channels);
    Object.assign(this, { network, count: 0, samples: 0 });
    this.head = new ConvolutionBack(network.head);
    this.norm = new NormBack(network.norm);
    this.fine = network.fineOut.map((block) => new BlockBack(block));
    this.up = new ConvolutionBack(network.up);
    this.coarse = network.coarseOut.map((block) => new BlockBack(block));
    this.layers = [this.head, this.norm, ...this.fine, this.up, ...this.coarse];
    this.ended = like(ended);
    this.normed = like(normed);
    this.between = like(normed);
    this.upped = like(upped);
    this.lower = like(network.coarseOut[1].out);
  }

  /** Adds the gradients of one noisy sprite, (C, H, W); gives its loss. */
  learn(x0, epsilon, logSnr, context) {
    const { network } = this, { heap } = network.kernel, count = x0.length;
    const alpha = alphaOf(logSnr), std = stdOf(logSnr);
    const x_t = x0.map((value, i) => alpha * value + std * epsilon[i]);
    const predicted = network.run(x_t, logSnr, context);
    const wanted = { epsilon: () => epsilon, x0: () => x0,
      v: () => epsilon.map((value, i) => alpha * value - std * x0[i]) }[network.prediction]();
    let loss = 0;
    network.shuffled(this.ended, network.channels, (i, at) => {
      const error = predicted[i] - wanted[i];
      loss += (error * error) / count;
      heap[at] = (2 * error) / count;
    });
    this.#back(network);
    this.samples++;
    return loss;
  }

  #back(network) {
    const { embedding } = network, [first, second] = this.fine, [coarse, last] = this.coarse;
    this.head.run(network.normed, this.ended, this.normed);
    this.norm.run(network.fineOut[1].out, this.normed);
    this.#cut(second.run(network.joined[1], embedding, this.normed), this.between);
    this.#shrink(first.run(network.joined[0], embedding, this.between));
    this.up.run(network.coarseOut[1].out, this.upped, this.lower);
    coarse.run(network.joinedCoarse, embedding, last.run(network.coarseOut[0].out, embedding, this.lower));
  }

  /** The first channels of a map. */
  #cut(from, to) {
    const { heap } = from.kernel;
    for (let y = 0; y < to.side; y++)
      for (let x = 0; x < to.side; x++)
        heap.copyWithin(to.pixel(y, x), from.pixel(y, x), from.pixel(y, x) + to.channels);
  }

  /** Back from four pixels of a larger map to the one that they were. */
  #shrink(from) {
    const { upped } = this, { heap } = from.kernel;
    for (let y = 0; y < upped.side; y++) {
      for (let x = 0; x < upped.side; x++) {
        const to = upped.pixel(y, x);
        const four = [0, 1, 2, 3].map((k) => from.pixel(2 * y + (k >> 1), 2 * x + (k & 1)));
        for (let i = 0; i < upped.channels; i++)
          heap[to + i] = heap[four[0] + i] + heap[four[1] + i] + heap[four[2] + i] + heap[four[3] + i];
      }
    }
  }

  /** Takes a step along the mean gradient of the sprites since the last one. */
  step(rate) {
    this.count++;
    for (const layer of this.layers) {
      for (const learned of layer.learned) {
        for (let i = 0; i < learned.gradient.length; i++) learned.gradient[i] /= this.samples;
        learned.step(rate, this.count);
      }
      layer.turn?.();
    }
    this.samples = 0;
  }
}
