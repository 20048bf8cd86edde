// One slider over a recording: what is noisy, what is predicted, and the noise, side by side.

import { calm, make } from "./elements.mjs";
import { animationOf, pngOf, save } from "./files.mjs";
import { alphaOf, CLEAN } from "./levels.mjs";
import { paint, sheetOf } from "./pixels.mjs";
import { placeOf } from "./recording.mjs";
import { number, percent, tr } from "./words.mjs";

const VIEWS = [
  ["x_t", "x_t", tr("the noisy sprite")],
  ["x0", "x̂_0", tr("the clean sprite, as predicted")],
  ["epsilon", "ε̂", tr("the noise, as predicted")],
];
const FORWARD = { x0: ["x_0", tr("the clean sprite")], epsilon: ["ε", tr("the noise")] };
const FRAME_MS = 160, LAST_MS = 1200, FILE_SCALE = 6;

/** A name in bold, with what follows "_" as its index. */
function inBold(name) {
  const [letter, ...index] = name.split("_");
  return make("b", {}, letter, ...index.map((text) => make("sub", {}, text)));
}

/** Fills an element that has parts of the classes views, place, play, readout, png, gif. */
export class Player {
  constructor(root) {
    const part = (name) => root.querySelector(`.${name}`);
    Object.assign(this, {
      root, views: part("views"), slider: part("place"), button: part("play"), readout: part("readout"),
    });
    this.slider.addEventListener("input", () => {
      this.pause();
      this.show(Number(this.slider.value));
    });
    this.button.addEventListener("click", () => (this.timer ? this.pause() : this.play()));
    this.slider.addEventListener("keydown", (event) => {
      if (event.key !== " ") return;
      event.preventDefault();
      this.button.click();
    });
    part("png")?.addEventListener("click", () => this.savePicture());
    part("gif")?.addEventListener("click", () => this.saveAnimation());
  }

  /**
   * Shows a recording: {title, kind, lanes, settings}. `only`: the number of one sprite, or null
   * for all. `hidden`: the names of views that are not shown yet.
   */
  open(recording, { only = null, at = null, hidden = [] } = {}) {
    this.pause();
    Object.assign(this, { recording, only, hidden });
    const places = recording.lanes.flatMap((lane) => lane.frames.map(placeOf));
    this.places = [...new Set(places)].sort((a, b) => a - b);
    this.slider.max = this.places.length - 1;
    this.#layOut();
    this.show(at ?? (calm() ? this.#end : this.#start));
  }

  /** Shows all views but some. */
  hide(hidden) {
    this.hidden = hidden;
    this.#layOut();
    this.show(this.frame);
  }

  #layOut() {
    const { kind, lanes } = this.recording;
    this.canvases = [];
    const race = lanes.length > 1;
    const all = kind === "training" ? VIEWS.slice(1, 2) : race ? VIEWS.slice(0, 2) : VIEWS;
    const shown = all.filter(([view]) => !this.hidden.includes(view));
    this.views.classList.toggle("lanes", race);
    this.views.replaceChildren(...lanes.map((lane) => {
      const figures = shown.map(([view, symbol, words]) => {
        const [name, told] = kind === "training" ? [tr("Samples"), ""]
          : (kind === "forward" && FORWARD[view]) || [symbol, words];
        const canvas = make("canvas", { role: "img", className: "picture" });
        this.canvases.push({ lane, view, canvas, name });
        return make("figure", {}, canvas, make("figcaption", {}, inBold(name), ` ${told}`));
      });
      const row = make("div", { className: "lane" }, ...figures);
      return race ? make("div", {}, make("h3", {}, lane.title), row) : row;
    }));
  }

  /** Goes to a frame. */
  show(frame) {
    this.frame = Math.min(Math.max(frame, 0), this.places.length - 1);
    this.slider.value = this.frame;
    const words = this.words();
    this.readout.textContent = words;
    this.slider.setAttribute("aria-valuetext", words);
    for (const { lane, view, canvas, name } of this.canvases) {
      const { rgba, width, height } = sheetOf(this.#sprites(lane, view), lane.side);
      paint(canvas, rgba, width, height);
      canvas.setAttribute("aria-label", `${name}, ${lane.title || this.recording.title}: ${words}`);
    }
  }

  #sprites(lane, view, frame = this.frame) {
    const k = lane.frameAt(this.places[frame]);
    const sprites = this.only === null ? [...Array(lane.count).keys()] : [this.only];
    return sprites.map((i) => lane.picture(view, k, i));
  }

  /** The frame that the first lane shows; nothing before a recording is open. */
  get shown() {
    const lane = this.recording?.lanes[0];
    return lane?.frames[lane.frameAt(this.places[this.frame])];
  }

  /** The level t that is shown. */
  get level() {
    return this.shown?.t;
  }

  /** Where the slider is, as text. */
  words() {
    const frame = this.shown;
    if (frame.step !== undefined) return tr("step {step}", { step: number(frame.step) });
    const { t, logSnr } = frame, signal = percent(alphaOf(logSnr) ** 2);
    const level = logSnr >= CLEAN ? tr("clean") : `log-SNR ${number(logSnr, 1)}`;
    return tr("t {t} · signal {signal} · {level}", { t: Math.round(t), signal, level });
  }

  /** Goes to the frame whose level is nearest to t. */
  goTo(t) {
    const { frames } = this.recording.lanes[0];
    const nearest = frames.reduce((a, b) => (Math.abs(b.t - t) < Math.abs(a.t - t) ? b : a));
    this.show(this.places.indexOf(placeOf(nearest)));
  }

  /** Where it begins: on the slider, which leads from noise to the clean sprite, forward is left. */
  get #start() {
    return this.recording.kind === "forward" ? this.places.length - 1 : 0;
  }

  get #end() {
    return this.places.length - 1 - this.#start;
  }

  play() {
    if (this.frame === this.#end) this.show(this.#start);
    this.button.textContent = tr("Pause");
    this.timer = setInterval(() => {
      if (this.frame === this.#end) this.pause();
      else this.show(this.frame + Math.sign(this.#end - this.#start));
    }, FRAME_MS);
  }

  pause() {
    clearInterval(this.timer);
    this.timer = null;
    this.button.textContent = tr("Play");
  }

  /** What files show of a frame: what is drawn, else what is noisy; of a race, each lane in a row. */
  #sheet(frame) {
    const { kind, lanes } = this.recording, view = kind === "forward" ? "x_t" : "x0";
    const sprites = lanes.flatMap((lane) => this.#sprites(lane, view, frame));
    const columns = lanes.length > 1 ? sprites.length / lanes.length : undefined;
    return sheetOf(sprites, lanes[0].side, { scale: FILE_SCALE, columns });
  }

  async savePicture() {
    save(await pngOf(this.#sheet(this.frame), this.recording.settings), "sprites.png");
  }

  saveAnimation() {
    const sheets = this.places.map((_, frame) => this.#sheet(frame));
    if (this.#start) sheets.reverse();
    const { settings } = this.recording;
    save(animationOf(sheets, { frameMs: FRAME_MS, lastMs: LAST_MS, settings }), "sprites.gif");
  }
}
