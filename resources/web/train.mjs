// Train: a copy of the model learns from a few sprites of one's own.

import { make, renew, spriteButton, the } from "./elements.mjs";
import { keep, recall } from "./memory.mjs";
import { spritesOf } from "./pictures.mjs";
import { numbersOf, rgbaOf } from "./pixels.mjs";
import { Player } from "./player.mjs";
import { laneOfPoints } from "./recording.mjs";
import { copiesAmong, EVALUATIONS, STEPS } from "./tuning.mjs";
import { number, tr, trn } from "./words.mjs";

const FEWEST = 5, MOST = 60, SHOWN = 8;
/** After how many steps what was learned so far is shown. */
const LOOK_EVERY = 40;
const CURVE = { width: 480, height: 120, edge: 4, mean: 9 };

export class TrainPanel {
  constructor(model, artist) {
    Object.assign(this, { model, artist, side: model.network.image_size, seed: 1 });
    this.name = `drawings ${this.side}`;
    this.drawings = this.#recalled();
    this.player = new Player(the("train-player"));
    the("train-files").addEventListener("change", async ({ target }) => {
      await this.#take([...target.files]);
      target.value = "";
    });
    document.addEventListener("paste", (event) => {
      const files = [...event.clipboardData.files];
      if (the("part-train").hidden || !files.length) return;
      event.preventDefault();
      this.#take(files);
    });
    the("train-go").addEventListener("click", () => this.#learn());
    the("train-stop").addEventListener("click", () => artist.halt());
    the("train-more").addEventListener("click", () => {
      this.seed++;
      this.#draw("before");
      this.#draw("after");
    });
    the("train-forget").addEventListener("click", () => {
      if (confirm(tr("Forget all these sprites?"))) this.#keep([]);
    });
    the("train-player").hidden = true;
    this.#show();
  }

  /** Adds a drawing, RGBA bytes; what is said to it. */
  add(rgba) {
    if (this.drawings.length >= MOST) return tr("Train already has {most} sprites, the most it can hold.", { most: MOST });
    this.#keep([...this.drawings, rgba]);
    return trn("Train has {n} sprite now.", "Train has {n} sprites now.", this.drawings.length);
  }

  async #take(files) {
    const found = [];
    let unfit = 0;
    for (const file of files) {
      const sprites = await spritesIn(file, this.side);
      found.push(...sprites);
      if (!sprites.length) unfit++;
    }
    this.#keep([...this.drawings, ...found].slice(0, MOST));
    this.#tell(unfit ? trn(
      "{n} file has no sprites of {side}×{side} pixels.", "{n} files have no sprites of {side}×{side} pixels.",
      unfit, { side: this.side },
    ) : "");
  }

  #recalled() {
    const found = recall(this.name), size = 4 * this.side ** 2;
    if (!Array.isArray(found)) return [];
    const fits = (bytes) => Array.isArray(bytes) && bytes.length === size;
    return found.filter(fits).slice(0, MOST).map((bytes) => Uint8ClampedArray.from(bytes));
  }

  #keep(drawings) {
    this.drawings = drawings;
    keep(this.name, drawings.map((rgba) => [...rgba]));
    this.#show();
  }

  #show() {
    const { drawings, learning } = this, enough = drawings.length >= FEWEST;
    the("train-drawings").replaceChildren(...drawings.map((rgba, i) =>
      spriteButton(rgba, this.side, tr("Remove sprite {number}", { number: i + 1 }), () => {
        if (this.learning) return;
        this.#keep(this.drawings.filter((_, k) => k !== i));
        the("train-drawings").children[Math.min(i, this.drawings.length - 1)]?.focus();
      })));
    the("train-count").textContent = enough
      ? trn("{n} sprite. Click one to remove it.", "{n} sprites. Click one to remove it.", drawings.length)
      : tr("{count} of at least {fewest} sprites. Draw some in Draw and choose Add to Train, open picture files, or paste.", {
        count: drawings.length, fewest: FEWEST,
      });
    the("train-go").disabled = learning || !enough;
    the("train-forget").disabled = learning || !drawings.length;
    the("train-files").disabled = learning;
    the("train-stop").hidden = !learning;
  }

  #tell(words) {
    the("train-state").textContent = words;
  }

  async #learn() {
    const { side, drawings } = this, { channels } = this.model.network;
    this.learning = true;
    the("train-state").setAttribute("aria-live", "off"); // nobody wants each step read out
    this.losses = [];
    this.taught = drawings;
    the("train-player").hidden = true;
    the("train-more").hidden = true;
    the("train-pair").hidden = false;
    this.#show();
    this.#tell(tr("Starting…"));
    try {
      const learned = this.artist.learn(
        drawings.map((rgba) => numbersOf(rgba, side, channels)), this.seed, (done) => this.#step(done));
      this.begun = performance.now();
      this.#draw("before");
      await learned;
      const took = tr("{step} steps in {seconds} s.", {
        step: this.losses.length, seconds: number((performance.now() - this.begun) / 1000),
      });
      this.#end(took);
      the("train-more").hidden = false;
      await this.#draw("after", took);
    } catch (error) {
      this.#end(tr("Training failed: {words}", { words: error.message }));
    }
  }

  #end(words) {
    this.learning = false;
    the("train-state").removeAttribute("aria-live");
    this.#tell(words);
    this.#show();
  }

  #step({ step, steps, loss }) {
    this.losses.push(loss);
    const left = ((performance.now() - this.begun) / step) * (steps - step);
    this.#tell(tr("Step {step} of {steps}, loss {loss}, about {seconds} s left.", {
      step, steps, loss: number(loss, 3), seconds: number(left / 1000),
    }));
    the("train-curve").replaceChildren(curveOf(this.losses));
    if (step % LOOK_EVERY === 0 && step < steps && !the("part-train").hidden) this.#draw("after");
  }

  /** Draws the same noises by the model before or after learning. */
  async #draw(by, told = "") {
    const { sampling } = this.model, gallery = the(`train-${by}`), found = [], points = [];
    const settings = {
      by, seed: this.seed, classes: [], words: [], style: "", guidance: sampling.guidance_scale,
      steps: EVALUATIONS, colors: sampling.colors, visits: 1,
    };
    const whole = await this.#asked(settings, [...Array(SHOWN).keys()], (index, sprite) => {
      points[index] = sprite;
      found.push(spriteButton(rgbaOf(sprite.at(-1).x0, this.side), this.side,
        tr("Sprite {number}", { number: index + 1 }), () => this.#open(points, by, index)));
      renew(gallery, found);
    });
    if (!whole || by === "before" || this.learning) return;
    const samples = points.map((sprite) => rgbaOf(sprite.at(-1).x0, this.side));
    const copies = copiesAmong(samples, this.taught, this.side);
    const honest = copies
      ? trn("{n} of these {all} is nearer to one of your sprites than any two of yours are to each other: a copy rather than something new.",
        "{n} of these {all} are nearer to one of your sprites than any two of yours are to each other: copies rather than something new.",
        copies, { all: samples.length })
      : tr("None of these {all} is as near to one of your sprites as two of yours are to each other.", { all: samples.length });
    this.#tell(`${told} ${honest}`.trim());
    this.#open(points, by, null);
  }

  /** Whether all were drawn. */
  async #asked(settings, indices, show) {
    try {
      return await this.artist.draw(settings.by, settings, indices, show);
    } catch (error) {
      this.#tell(tr("Drawing failed: {words}", { words: error.message }));
      return false;
    }
  }

  #open(points, by, only) {
    if (points.length < SHOWN || points.includes(undefined)) return;
    the("train-player").hidden = false;
    const lane = laneOfPoints(points, this.model);
    const title = by === "before" ? tr("Before") : tr("After");
    this.player.open({ title, kind: "reverse", lanes: [lane] }, { only, at: only === null ? lane.frames.length - 1 : 0 });
  }
}

/** The sprites in a file that the browser can read. */
async function spritesIn(file, side) {
  try {
    const bitmap = await createImageBitmap(file), { width, height } = bitmap;
    if (width * height > 2 ** 22) return [];
    const context = make("canvas", { width, height }).getContext("2d");
    context.drawImage(bitmap, 0, 0);
    return spritesOf(context.getImageData(0, 0, width, height), side);
  } catch {
    return [];
  }
}

/** The loss of each step, and its mean over some steps around it. */
function curveOf(losses) {
  const { width, height, edge, mean } = CURVE;
  const svg = (name, attributes) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  };
  const highest = Math.max(...losses), points = (values) => values.map((value, i) =>
    `${edge + (i / (STEPS - 1)) * (width - 2 * edge)},${height - edge - (value / highest) * (height - 2 * edge)}`).join(" ");
  const smooth = losses.map((_, i) => {
    const around = losses.slice(Math.max(0, i - (mean >> 1)), i + (mean >> 1) + 1);
    return around.reduce((a, b) => a + b) / around.length;
  });
  const words = tr("Loss: {first} at first, {last} now", { first: number(smooth[0], 3), last: number(smooth.at(-1), 3) });
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": words });
  picture.append(
    svg("polyline", { points: points(losses), class: "each" }),
    svg("polyline", { points: points(smooth), class: "mean" }),
  );
  return picture;
}
