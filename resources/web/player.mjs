// One slider over a recording: what is noisy, what is predicted, and the noise, side by side.

import { calm, make } from "./elements.mjs";
import { alphaOf, CLEAN } from "./levels.mjs";
import { gifOf } from "./gif.mjs";
import { paint, pngOf, save, sheetOf } from "./pixels.mjs";
import { placeOf } from "./recording.mjs";
import { number, tr } from "./words.mjs";

const VIEWS = [
  ["x_t", "x_t", tr("the noisy sprite")],
  ["x0", "x̂0", tr("the clean sprite, as predicted")],
  ["epsilon", "ε̂", tr("the noise, as predicted")],
];
const FORWARD = { x0: ["x0", tr("the clean sprite")], epsilon: ["ε", tr("the noise")] };
const FRAME_MS = 160, LAST_MS = 1200, FILE_SCALE = 6;

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
    root.addEventListener("keydown", (event) => {
      const typing = /^(INPUT|SELECT|BUTTON)$/.test(event.target.tagName) && event.target !== this.slider;
      if (event.key === " " && !typing) {
        event.preventDefault();
        this.button.click();
      }
    });
    part("png")?.addEventListener("click", () => this.savePicture());
    part("gif")?.addEventListener("click", () => this.saveAnimation());
  }

  /** Shows a recording: {title, kind, lanes}. `only`: the number of one sprite, or null for all. */
  open(recording, { only = null, at = null } = {}) {
    this.pause();
    this.recording = recording;
    this.only = only;
    const places = recording.lanes.flatMap((lane) => lane.frames.map(placeOf));
    this.places = [...new Set(places)].sort((a, b) => a - b);
    this.slider.max = this.places.length - 1;
    this.#layOut();
    this.show(at ?? (calm() ? this.places.length - 1 : 0));
  }

  #layOut() {
    const { kind, lanes } = this.recording;
    this.canvases = [];
    const race = lanes.length > 1;
    const shown = kind === "training" ? VIEWS.slice(1, 2) : race ? VIEWS.slice(0, 2) : VIEWS;
    this.views.classList.toggle("lanes", race);
    this.views.replaceChildren(...lanes.map((lane) => {
      const figures = shown.map(([view, symbol, words]) => {
        const [name, told] = kind === "training" ? [tr("Samples"), ""]
          : (kind === "forward" && FORWARD[view]) || [symbol, words];
        const canvas = make("canvas", { role: "img", className: "picture" });
        this.canvases.push({ lane, view, canvas, name });
        return make("figure", {}, canvas, make("figcaption", {}, make("b", {}, name), ` ${told}`));
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
      const { rgba, width, height } = this.#sheet(lane, view);
      paint(canvas, rgba, width, height);
      canvas.setAttribute("aria-label", `${name}, ${lane.title || this.recording.title}: ${words}`);
    }
  }

  #sheet(lane, view, scale = 1, frame = this.frame) {
    const k = lane.frameAt(this.places[frame]);
    const sprites = this.only === null ? [...Array(lane.count).keys()] : [this.only];
    return sheetOf(sprites.map((i) => lane.picture(view, k, i)), lane.side, { scale });
  }

  /** The frame that the first lane shows. */
  get shown() {
    const [lane] = this.recording.lanes;
    return lane.frames[lane.frameAt(this.places[this.frame])];
  }

  /** The level t that is shown. */
  get level() {
    return this.shown.t;
  }

  /** Where the slider is, as text. */
  words() {
    const frame = this.shown;
    if (frame.step !== undefined) return tr("step {step}", { step: number(frame.step) });
    const { t, logSnr } = frame, signal = Math.round(100 * alphaOf(logSnr) ** 2);
    const level = logSnr >= CLEAN ? tr("clean") : `log-SNR ${number(logSnr, 1)}`;
    return tr("t {t} · signal {signal} % · {level}", { t: Math.round(t), signal, level });
  }

  /** Goes to the frame whose level is nearest to t. */
  goTo(t) {
    const { frames } = this.recording.lanes[0];
    const nearest = frames.reduce((a, b) => (Math.abs(b.t - t) < Math.abs(a.t - t) ? b : a));
    this.show(this.places.indexOf(placeOf(nearest)));
  }

  play() {
    if (this.frame === this.places.length - 1) this.show(0);
    this.button.textContent = tr("Pause");
    this.timer = setInterval(() => {
      if (this.frame === this.places.length - 1) this.pause();
      else this.show(this.frame + 1);
    }, FRAME_MS);
  }

  pause() {
    clearInterval(this.timer);
    this.timer = null;
    this.button.textContent = tr("Play");
  }

  /** The view that files show: what is drawn, else what is noisy. */
  get #view() {
    return this.recording.kind === "forward" ? "x_t" : "x0";
  }

  async savePicture() {
    const sheet = this.#sheet(this.recording.lanes[0], this.#view, FILE_SCALE);
    save(await pngOf(sheet, this.recording.texts ?? {}), "sprites.png");
  }

  saveAnimation() {
    const lane = this.recording.lanes[0];
    const sheets = this.places.map((_, k) => this.#sheet(lane, this.#view, FILE_SCALE, k));
    const { width, height } = sheets[0];
    const durations = sheets.map((_, k) => (k === sheets.length - 1 ? LAST_MS : FRAME_MS));
    save(gifOf(sheets.map((sheet) => sheet.rgba), width, height, durations), "sprites.gif");
  }
}
