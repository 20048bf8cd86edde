// Draw: what one draws is kept, and the model completes the rest.

import { make, renew, spriteButton, the } from "./elements.mjs";
import { animationOf, pngOf, save } from "./files.mjs";
import { keep, recall } from "./memory.mjs";
import { numbersOf, rgbaOf, sheetOf } from "./pixels.mjs";
import { settingsText, Wishes } from "./sample.mjs";
import { tr } from "./words.mjs";

const COMPLETIONS = 4, PAUSE_MS = 250, MOST_UNDONE = 100;
const CANVAS = 480, ACCENT = "#2f5fc4", FILE_SCALE = 8, FRAME_MS = 300, LAST_MS = 1500;
const COLORS = [
  "#1a1c2c", "#5d275d", "#b13e53", "#ef7d57", "#ffcd75", "#a7f070", "#38b764", "#257179",
  "#29366f", "#3b5dc9", "#41a6f6", "#73eff7", "#f4f4f4", "#94b0c2", "#566c86", "#333c57",
];

export class DrawPanel {
  /** `drawings`: of a project, lists of RGBA bytes to begin with. `train`: takes what is drawn. */
  constructor(model, artist, drawings, train) {
    Object.assign(this, { model, artist, train, side: model.network.image_size });
    this.wishes = new Wishes(model, "draw");
    this.canvas = the("draw-canvas");
    this.name = `drawing ${this.side}`;
    this.#recall();
    this.undone = [];
    this.completed = [];
    this.cursor = 0;
    this.#palette();
    this.#pointer();
    this.#keys();
    this.#buttons();
    if (this.kept.some(Boolean)) this.#tell(tr("This is your last drawing: choose Other completions to continue."));
    the("draw-drawings").append(...drawings.map((bytes, i) => this.#drawing(bytes, i)));
    the("draw-drawings").hidden = !drawings.length;
    this.#show();
  }

  /** The drawing that this browser remembers, or none. */
  #recall() {
    const count = this.side ** 2, known = recall(this.name);
    const fits = known?.rgba?.length === 4 * count && known.kept?.length === count;
    this.rgba = Uint8ClampedArray.from(fits ? known.rgba : Array(4 * count).fill(0));
    this.kept = Uint8Array.from(fits ? known.kept : Array(count).fill(0), Boolean);
  }

  #keep() {
    keep(this.name, { rgba: [...this.rgba], kept: [...this.kept] });
  }

  take(settings) {
    this.wishes.take(settings);
  }

  asText() {
    return this.wishes.asText();
  }

  get tool() {
    return document.querySelector("input[name=draw-tool]:checked").value;
  }

  #palette() {
    the("draw-colors").append(...COLORS.map((color, i) => {
      const button = make("button", { type: "button", className: "color" });
      button.style.backgroundColor = color;
      button.setAttribute("aria-label", tr("Color {color}", { color }));
      button.addEventListener("click", () => this.#choose(color));
      return button;
    }));
    the("draw-color").addEventListener("input", () => this.#choose(the("draw-color").value));
    this.#choose(COLORS[0]);
  }

  #choose(color) {
    the("draw-color").value = color;
    this.color = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
    [...the("draw-colors").children].forEach((button, i) =>
      button.setAttribute("aria-pressed", String(COLORS[i] === color)));
  }

  #pointer() {
    let drawing = false;
    const at = (event) => {
      const box = this.canvas.getBoundingClientRect();
      const along = (value, from, size) => Math.floor(((value - from) / size) * this.side);
      const x = along(event.clientX, box.left, box.width), y = along(event.clientY, box.top, box.height);
      return x >= 0 && y >= 0 && x < this.side && y < this.side ? y * this.side + x : -1;
    };
    this.canvas.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      this.canvas.setPointerCapture(event.pointerId);
      this.canvas.focus();
      drawing = true;
      this.#remember();
      this.last = at(event);
      this.cursor = Math.max(this.last, 0); // the keyboard goes on from here
      this.#set(this.last, event.button === 2 ? "free" : this.tool);
    });
    this.canvas.addEventListener("pointermove", (event) => {
      if (!drawing) return;
      const to = at(event);
      const tool = event.buttons & 2 ? "free" : this.tool;
      if (to >= 0) this.cursor = to;
      if (to >= 0 && this.last >= 0) this.#line(this.last, to, tool);
      this.last = to;
    });
    for (const name of ["pointerup", "pointercancel"]) {
      this.canvas.addEventListener(name, () => {
        drawing = false;
        this.#completeSoon();
      });
    }
    this.canvas.addEventListener("contextmenu", (event) => event.preventDefault());
  }

  #line(from, to, tool) {
    const { side } = this, [y0, x0] = [Math.floor(from / side), from % side];
    const [y1, x1] = [Math.floor(to / side), to % side];
    const steps = Math.max(Math.abs(y1 - y0), Math.abs(x1 - x0), 1);
    for (let i = 1; i <= steps; i++) {
      const share = i / steps;
      this.#set(Math.round(y0 + share * (y1 - y0)) * side + Math.round(x0 + share * (x1 - x0)), tool);
    }
  }

  #keys() {
    const { side } = this;
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    this.canvas.addEventListener("keydown", (event) => {
      const move = moves[event.key];
      if (move) {
        const x = Math.min(Math.max((this.cursor % side) + move[0], 0), side - 1);
        const y = Math.min(Math.max(Math.floor(this.cursor / side) + move[1], 0), side - 1);
        this.cursor = y * side + x;
        this.#show();
        this.#tellCursor();
      } else if (event.key === " " || event.key === "Enter" || event.key === "Delete") {
        this.#remember();
        this.#set(this.cursor, event.key === "Delete" ? "free" : this.tool);
        this.#tellCursor();
        this.#completeSoon();
      } else if (event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey)) {
        this.#undo();
      } else {
        return;
      }
      event.preventDefault();
    });
    this.canvas.addEventListener("focus", () => this.#show());
    this.canvas.addEventListener("blur", () => this.#show());
  }

  #buttons() {
    the("draw-undo").addEventListener("click", () => this.#undo());
    the("draw-clear").addEventListener("click", () => this.#clear(tr("Draw something: the model completes it.")));
    the("draw-teach").addEventListener("click", () => {
      if (this.rgba.some(Boolean)) this.#clear(this.train.add(this.rgba.slice()));
      else this.#tell(tr("Draw something first."));
    });
    the("draw-again").addEventListener("click", () => {
      this.wishes.reroll();
      this.complete();
    });
    the("draw-png").addEventListener("click", () => this.#save());
    the("draw-gif").addEventListener("click", () => this.#saveAnimation());
    the("draw-copy").addEventListener("click", () => this.#copy());
    for (const name of ["class", "style", "words", "seed", "guidance", "steps"])
      this.wishes.field(name).addEventListener("change", () => this.#completeSoon());
  }

  #clear(words) {
    this.#remember();
    this.rgba = new Uint8ClampedArray(this.rgba.length);
    this.kept = new Uint8Array(this.kept.length);
    this.#show();
    this.#keep();
    this.#forget(words);
  }

  /** There is nothing to complete. */
  #forget(words) {
    clearTimeout(this.timer);
    this.artist.stop("draw");
    this.completed = [];
    the("draw-completions").replaceChildren();
    this.#tell(words);
  }

  #remember() {
    this.undone.push([this.rgba.slice(), this.kept.slice()]);
    if (this.undone.length > MOST_UNDONE) this.undone.shift();
  }

  #undo() {
    if (!this.undone.length) return;
    [this.rgba, this.kept] = this.undone.pop();
    this.#show();
    this.#completeSoon();
  }

  #set(pixel, tool) {
    if (pixel < 0) return;
    const colors = { pencil: [...this.color, 255], empty: [0, 0, 0, 0], free: [0, 0, 0, 0] };
    if (tool === "keep" && !this.rgba[4 * pixel + 3]) return; // there is nothing to keep
    if (colors[tool]) this.rgba.set(colors[tool], 4 * pixel);
    this.kept[pixel] = tool === "free" ? 0 : 1;
    this.#show();
  }

  /** Draws the grid: what is kept, and where the keyboard's cursor is. */
  #show() {
    const { side, canvas } = this, cell = Math.ceil(CANVAS / side), context = canvas.getContext("2d");
    canvas.width = canvas.height = cell * side;
    const style = getComputedStyle(canvas);
    for (let p = 0; p < side * side; p++) {
      const x = (p % side) * cell, y = Math.floor(p / side) * cell, [r, g, b, a] = this.rgba.slice(4 * p, 4 * p + 4);
      context.fillStyle = this.kept[p] ? "#fff" : style.getPropertyValue("--free");
      context.fillRect(x, y, cell, cell);
      if (a) {
        context.fillStyle = `rgb(${r} ${g} ${b})`;
        context.globalAlpha = this.kept[p] ? 1 : 0.45;
        context.fillRect(x, y, cell, cell);
        context.globalAlpha = 1;
      } else if (this.kept[p]) { // kept empty
        context.fillStyle = "#bbb";
        context.fillRect(x + cell / 2 - 2, y + cell / 2 - 2, 4, 4);
      }
      context.strokeStyle = style.getPropertyValue("--grid");
      context.strokeRect(x + 0.5, y + 0.5, cell, cell);
    }
    if (document.activeElement === canvas) {
      context.strokeStyle = ACCENT;
      context.lineWidth = 3;
      const x = (this.cursor % side) * cell, y = Math.floor(this.cursor / side) * cell;
      context.strokeRect(x + 1.5, y + 1.5, cell - 3, cell - 3);
    }
  }

  #tellCursor() {
    const { cursor, side } = this, place = { column: (cursor % side) + 1, row: Math.floor(cursor / side) + 1 };
    this.#tell(this.kept[cursor]
      ? tr("Column {column}, row {row}: kept", place) : tr("Column {column}, row {row}: free", place));
  }

  #tell(words) {
    the("draw-state").textContent = words;
  }

  #completeSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.complete(), PAUSE_MS);
  }

  /** Draws what goes with what is kept. */
  async complete() {
    this.#keep();
    const complaint = this.wishes.complaint();
    if (complaint || !this.kept.some(Boolean)) {
      this.#forget(complaint || tr("Draw something: the model completes it."));
      return;
    }
    const settings = this.wishes.settings(), kept = this.kept.slice();
    settings.drawing = { pixels: numbersOf(this.rgba, this.side, this.model.network.channels), kept };
    this.settings = settingsText(settings, {
      count: COMPLETIONS, drawing: base64(this.rgba), known_mask: base64(kept), inpainting: "repaint",
    });
    this.#tell(tr("Completing…"));
    const found = [];
    this.completed = [];
    try {
      const whole = await this.artist.draw("draw", settings, [...Array(COMPLETIONS).keys()], (index, points) => {
        this.completed.push(points);
        found.push(this.#completion(points.at(-1).x0, index));
        renew(the("draw-completions"), found);
      });
      if (whole) this.#tell(tr("Your drawing was kept. Choose a sprite to continue with it."));
    } catch (error) {
      this.#tell(tr("Drawing failed: {words}", { words: error.message }));
    }
  }

  #completion(x0, index) {
    const rgba = rgbaOf(x0, this.side);
    return spriteButton(rgba, this.side, tr("Completion {number}", { number: index + 1 }), () => {
      this.#remember();
      this.rgba = rgba.slice();
      this.#show();
      this.#keep();
      this.#tell(tr("Its pixels are faint until you keep them: Keep, or draw over them."));
    });
  }

  #drawing(bytes, i) {
    const rgba = Uint8ClampedArray.from(bytes);
    return spriteButton(rgba, this.side, tr("Drawing {number}", { number: i + 1 }), () => {
      this.#remember();
      this.rgba = rgba.slice();
      this.kept = Uint8Array.from({ length: this.side ** 2 }, (_, p) => (rgba[4 * p + 3] ? 1 : 0));
      this.#show();
      this.#completeSoon();
    });
  }

  #file() {
    return pngOf(sheetOf([this.rgba], this.side, { scale: FILE_SCALE }));
  }

  async #save() {
    save(await this.#file(), "drawing.png");
  }

  /** How the completions came out of noise. */
  #saveAnimation() {
    if (!this.completed.length) {
      this.#tell(tr("Draw something first: there is no completion yet."));
      return;
    }
    const sheets = this.completed[0].map((_, k) => {
      const sprites = this.completed.map((points) => rgbaOf(points[k].x0, this.side));
      return sheetOf(sprites, this.side, { scale: FILE_SCALE });
    });
    const { settings } = this;
    save(animationOf(sheets, { frameMs: FRAME_MS, lastMs: LAST_MS, settings }), "completions.gif");
  }

  async #copy() {
    try {
      await navigator.clipboard.write([new ClipboardItem({ "image/png": await this.#file() })]);
      this.#tell(tr("Copied."));
    } catch {
      this.#tell(tr("This browser does not let a page copy pictures: save it instead."));
    }
  }
}

const base64 = (bytes) => btoa(String.fromCharCode(...bytes));
