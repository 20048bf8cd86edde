// How the page learns from a person's sprites: the half of the network that draws, for a minute.
// tests/benchmarks/README.md says what was tried.

import { Generator } from "./random.mjs";

export const STEPS = 120;
const SPRITES = 10; // of a step
/** Students have one answer for a noise, which too large steps break. */
const RATE = 1e-3, STUDENT_RATE = 4e-4;
const WARM_UP = 10, FALL = 0.4; // steps up to the full rate; the share of them in which it falls

/** log-SNRs: where sprites take shape, but none at which colors are shared behind the network. */
const MEAN = -1, SPREAD = 2, CLEANEST = 2;

/** Evaluations of a sprite by a model that has learned; a student has become an ordinary model. */
export const EVALUATIONS = "12";

/** The facts of a model, for one that learns or is compared with one that does. */
export const factsToLearn = (facts) => ({
  ...facts,
  sampling: { ...facts.sampling, sampler: "dpmpp_2m", levels: { [EVALUATIONS]: facts.learning.levels } },
});

/**
 * Learns from pictures (C, H, W), as a generator: gives nothing after each picture, and {step, loss}
 * after each step.
 */
export function* tune(learner, facts, pictures, seed) {
  const { network } = learner, context = new Float32Array(network.config.context_size);
  const random = new Generator([seed, 2]), count = pictures[0].length;
  const noisiest = facts.learning.levels[0], rate = network.config.guided ? STUDENT_RATE : RATE;
  for (let step = 1; step <= STEPS; step++) {
    let loss = 0;
    for (let k = 0; k < SPRITES; k++) {
      const picture = pictures[random.below(pictures.length)];
      const shown = random.below(2) ? mirrored(picture, network.side) : picture;
      const level = MEAN + SPREAD * random.normal(1)[0];
      const logSnr = Math.min(Math.max(level, noisiest), CLEANEST);
      loss += learner.learn(shown, random.normal(count), logSnr, context) / SPRITES;
      yield null;
    }
    const falling = Math.min(1, (STEPS - step + 1) / (FALL * STEPS));
    learner.step(rate * Math.min(1, step / WARM_UP) * falling);
    yield { step, loss };
  }
}

function mirrored(picture, side) {
  return picture.map((_, i) => picture[i - (i % side) + side - 1 - (i % side)]);
}

/**
 * How many samples are nearer to a drawing, or to its mirror image, than any two drawings are to
 * each other, unless those are alike: RGBA bytes all, compared on white.
 */
export function copiesAmong(samples, drawings, side) {
  const seen = drawings.map(onWhite), mirrors = seen.map((picture) => mirrored(picture, side));
  const nearest = (one, others) => Math.min(...others.map((other) => distance(one, other)));
  const others = (i) => [...seen.slice(i + 1), ...mirrors.slice(i + 1)];
  const pairs = seen.flatMap((one, i) => others(i).map((other) => distance(one, other)));
  const apart = Math.min(...pairs.filter((found) => found > 0));
  return samples.filter((sample) => nearest(onWhite(sample), [...seen, ...mirrors]) < apart).length;
}

function onWhite(rgba) {
  const count = rgba.length / 4, out = new Float32Array(3 * count);
  for (let p = 0; p < count; p++)
    for (let c = 0; c < 3; c++)
      out[c * count + p] = 255 + ((rgba[4 * p + c] - 255) * rgba[4 * p + 3]) / 255;
  return out;
}

const distance = (a, b) => a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0);
