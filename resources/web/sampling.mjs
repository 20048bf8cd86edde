// How the app draws a sprite: sprite_lab/engine/sampling and sprite_lab/diffusion/methods.py.
// Pictures are (C, H, W) numbers in [-1, 1], RGB and then alpha where the model draws it.

import { alphaOf, CLEAN, stdOf } from "./levels.mjs";
import { Generator } from "./random.mjs";
import { inPalette, PALETTE_LOG_SNR, snapped, SNAP_LOG_SNR } from "./snapping.mjs";

/** Away from no wish by the strengths that students are taught. */
const TAUGHT_GUIDANCE = [1, 4];

const mixed = (a, x, b, y) => x.map((value, i) => a * value + b * y[i]);
const noiseIn = (x, x0, logSnr) => {
  const alpha = alphaOf(logSnr), std = stdOf(logSnr);
  return x.map((value, i) => (value - alpha * x0[i]) / std);
};

/** What is asked for, as the columns of a context that are not 0: {column: weight}. */
export function promptOf(facts, settings, index) {
  const { classes, words, styles } = facts.vocabulary;
  const wished = settings.classes ?? [];
  const name = wished[index % wished.length] ?? null;
  const columns = [];
  if (name !== null) columns.push(classes.indexOf(name));
  for (const word of settings.words ?? []) columns.push(classes.length + words.indexOf(word));
  if (settings.style) columns.push(classes.length + words.length + styles.indexOf(settings.style));
  if (settings.words?.length || settings.drawing || !facts.prompts.length) return columns;
  // Where nobody says what to draw, one of the prompts of the training sprites, as in the app.
  const style = (prompt) => prompt.find((column) => column >= classes.length + words.length);
  const fits = (prompt) =>
    (name === null || prompt.find((column) => column < classes.length) === columns[0]) &&
    (!settings.style || style(prompt) === columns[columns.length - 1]);
  const usual = settings.style ? [] : facts.prompts.slice(0, facts.dealt ?? undefined).filter(fits);
  const fit = usual.length ? usual : facts.prompts.filter(fits);
  if (!fit.length) return columns;
  return fit[new Generator([settings.seed, index, 1]).below(fit.length)];
}

/** The colors of the style that is asked for, as [r, g, b] in [-1, 1]; null = any. */
function paletteOf({ vocabulary: { classes, words, palettes } }, prompt) {
  const first = classes.length + words.length;
  const colors = palettes[prompt.find((column) => column >= first) - first] ?? "";
  const bytes = colors.match(/../g)?.map((byte) => parseInt(byte, 16) / 127.5 - 1);
  return bytes ? bytes.flatMap((_, i) => (i % 3 ? [] : [bytes.slice(i, i + 3)])) : null;
}

/**
 * Draws sprite `index` of some settings: gives a point {x_t, x0, logSnr} for each noise level, and
 * one for the clean end, as a generator.
 *
 * `settings`: seed; classes, words and style; guidance; steps, one of facts.sampling.levels;
 * colors, 0 = any number; visits; drawing {pixels, kept}: (C, H, W) and for each pixel whether it
 * is kept.
 */
export function* draw(network, facts, settings, index) {
  const side = network.side, channels = network.channels, count = channels * side * side;
  const random = new Generator([settings.seed, index]);
  const noise = () => random.normal(count);
  const levels = facts.sampling.levels[settings.steps];
  const context = new Float32Array(network.config.context_size);
  const prompt = promptOf(facts, settings, index);
  for (const column of prompt) context[column] = 1;

  let x = mixed(alphaOf(levels[0]), facts.dataMean, stdOf(levels[0]), noise());
  const held = settings.drawing && new Hold(settings.drawing, noise(), side);
  const sees = held && facts.sampling.sees_kept;
  const snap = settings.colors && new Snap(settings.colors, side, paletteOf(facts, prompt));
  const rules = (snap ? [held, snap, held] : [held]).filter(Boolean);
  const predict = guided(network, context, settings.guidance, facts.sampling.guided_below);
  const denoise = sees ? (x_t, logSnr) => predict(held.settle(x_t), logSnr) : predict;
  const evaluate = (x_t, logSnr) => {
    if (!sees) for (const rule of rules) x_t = rule.enter(x_t, logSnr);
    let x0 = denoise(x_t, logSnr);
    for (const rule of rules) x0 = rule.settle(x0, logSnr);
    return { x_t, x0, epsilon: noiseIn(x_t, x0, logSnr), logSnr };
  };
  const method = facts.sampling.sampler === "student" ? ddim : dpmpp2m;

  let past = null, here;
  const visits = held && !sees ? settings.visits : 1;
  for (let k = 0; k < levels.length; k++) {
    const then = levels[k + 1];
    here = evaluate(x, levels[k]);
    if (then !== undefined) {
      for (let visit = 1; visit < visits; visit++) {
        here = evaluate(renoised(method(here, then, null), then, levels[k], noise()), levels[k]);
      }
    }
    yield here;
    if (then !== undefined) x = method(here, then, past);
    past = visits === 1 ? here : null;
  }
  let x0 = here.x0;
  if (here.logSnr < SNAP_LOG_SNR) for (const rule of rules) x0 = rule.settle(x0, CLEAN);
  x0 = emptied(x0, side);
  yield { x_t: x0, x0, epsilon: new Float32Array(count), logSnr: CLEAN };
}

/** Where nothing is, there is white. */
function emptied(x0, side) {
  const pixels = side * side, out = x0.slice();
  for (let p = 0; p < pixels && out.length > 3 * pixels; p++)
    if (out[3 * pixels + p] < 1 / 255 - 1) out[p] = out[pixels + p] = out[2 * pixels + p] = 1;
  return out;
}

/** Classifier-free guidance (Ho & Salimans 2022), x0 clipped to [-1, 1]; up to log-SNR `below`. */
function guided(network, context, scale, below) {
  const wished = context.some((weight) => weight !== 0);
  const clip = (x0) => x0.map((value) => Math.min(Math.max(value, -1), 1));
  if (network.config.guided) {
    const taught = wished ? Math.min(Math.max(scale, TAUGHT_GUIDANCE[0]), TAUGHT_GUIDANCE[1]) : 1;
    return (x, logSnr) => clip(network.predict(x, logSnr, context, taught));
  }
  const none = new Float32Array(context.length);
  return (x, logSnr) => {
    const asked = network.predict(x, logSnr, context);
    if (!wished || scale === 1 || logSnr > (below ?? Infinity)) return clip(asked);
    const away = network.predict(x, logSnr, none);
    return clip(asked.map((value, i) => away[i] + scale * (value - away[i])));
  };
}

/** Pixels of a drawing that stay: sprite_lab/diffusion/constraints.py. */
class Hold {
  constructor({ pixels, kept }, epsilon, side) {
    Object.assign(this, { drawing: pixels, epsilon, kept, count: side * side });
  }

  enter(x, logSnr) {
    const alpha = alphaOf(logSnr), std = stdOf(logSnr);
    return x.map((value, i) => this.kept[i % this.count]
      ? alpha * this.drawing[i] + std * this.epsilon[i] : value);
  }

  settle(x0) {
    return x0.map((value, i) => (this.kept[i % this.count] ? this.drawing[i] : value));
  }
}

class Snap {
  constructor(colors, side, palette) {
    Object.assign(this, { colors, side, palette });
  }

  enter(x) {
    return x;
  }

  settle(x0, logSnr) {
    if (logSnr >= SNAP_LOG_SNR) return snapped(x0, this.side, this.colors, this.palette);
    const early = !this.palette || logSnr < PALETTE_LOG_SNR;
    return early ? x0 : inPalette(x0, this.side, [...this.palette, [1, 1, 1]]);
  }
}

/** A forward step from a level back up to a noisier one. */
function renoised(x, from, to, noise) {
  const ratio = alphaOf(to) / alphaOf(from);
  const std = Math.sqrt(Math.max(stdOf(to) ** 2 - (ratio * stdOf(from)) ** 2, 0));
  return mixed(ratio, x, std, noise);
}

/** A student's step, to where its next segment begins: Song et al. 2021, eq. 12. */
function ddim(here, then) {
  return mixed(alphaOf(then), here.x0, stdOf(then), here.epsilon);
}

/** DPM-Solver++(2M), Lu et al. 2022. */
function dpmpp2m(here, then, past) {
  let x0 = here.x0;
  if (past) {
    const ratio = (then - here.logSnr) / (here.logSnr - past.logSnr) / 2;
    x0 = mixed(1 + ratio, here.x0, -ratio, past.x0);
  }
  const decay = alphaOf(then) * Math.expm1((here.logSnr - then) / 2);
  return mixed(stdOf(then) / stdOf(here.logSnr), here.x_t, -decay, x0);
}
