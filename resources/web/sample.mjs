// Sample: the model draws in the page.

import { fillChoice, make, spriteButton, the } from "./elements.mjs";
import { levelIn, wholeNumber } from "./link.mjs";
import { Player } from "./player.mjs";
import { rgbaOf } from "./pixels.mjs";
import { laneOfPoints } from "./recording.mjs";
import { number, tr, trn } from "./words.mjs";

/** The seeds that fit into a number of the app and of a text field. */
export const LARGEST_SEED = 2 ** 31 - 1;
const MOST_SPRITES = 16;

/** Reads what was asked for, as `draw` of sampling.mjs takes it. Shared with Draw. */
export class Wishes {
  constructor(model, prefix) {
    Object.assign(this, { model, field: (name) => the(`${prefix}-${name}`) });
    const { classes, words, styles } = model.vocabulary, { sampling } = model;
    const some = (names) => names.map((name) => [name, name.replaceAll("_", " ")]);
    fillChoice(this.field("class"), [["", tr("any")], ...some(classes)]);
    fillChoice(this.field("style"), [["", tr("any")], ...some(styles)]);
    this.field("class").closest("label").hidden = !classes.length;
    this.field("style").closest("label").hidden = !styles.length;
    this.field("words").closest("label").hidden = !words.length;
    if (!the("known-words").children.length)
      the("known-words").append(...words.map((word) => make("option", { value: word })));
    const student = sampling.sampler === "student";
    this.field("guidance").max = student ? 4 : 8;
    this.field("guidance").value = sampling.guidance_scale;
    fillChoice(this.field("steps"), Object.keys(sampling.levels).map((steps) => [steps, steps]));
    this.field("steps").value = sampling.steps;
    this.field("guidance").addEventListener("input", () => this.#tellGuidance());
    this.#tellGuidance();
  }

  #tellGuidance() {
    this.field("guidance-told").textContent = `${number(Number(this.field("guidance").value), 1)} ×`;
  }

  /** Takes settings of a link; what does not fit is left alone. */
  take({ seed, class: name, words, style, guidance, steps }) {
    const choose = (select, value) => {
      if (value !== undefined && [...select.options].some((option) => option.value === value)) select.value = value;
    };
    choose(this.field("class"), name);
    choose(this.field("style"), style);
    choose(this.field("steps"), steps);
    this.field("seed").value = wholeNumber(seed, 0, LARGEST_SEED, this.field("seed").value);
    if (words !== undefined) this.field("words").value = words.slice(0, 200);
    if (guidance !== undefined && Number(guidance) >= 1) this.field("guidance").value = Number(guidance);
    this.#tellGuidance();
  }

  /** The same for a link. */
  asText() {
    const value = (name) => this.field(name).value;
    return {
      seed: value("seed"), class: value("class"), words: value("words").trim(), style: value("style"),
      guidance: value("guidance"), steps: value("steps"),
    };
  }

  /** The words asked for that the model knows, and those that it does not. */
  words() {
    const asked = [...new Set(this.field("words").value.toLowerCase().split(/[\s,]+/).filter(Boolean))];
    const known = new Set(this.model.vocabulary.words);
    return { known: asked.filter((word) => known.has(word)), unknown: asked.filter((word) => !known.has(word)) };
  }

  settings() {
    const { sampling } = this.model, name = this.field("class").value;
    return {
      seed: wholeNumber(this.field("seed").value, 0, LARGEST_SEED, 0),
      classes: name ? [name] : [],
      words: this.words().known,
      style: this.field("style").value,
      guidance: Number(this.field("guidance").value),
      steps: this.field("steps").value,
      colors: sampling.colors,
      visits: sampling.visits,
    };
  }

  /** Another seed. */
  reroll() {
    this.field("seed").value = Math.floor(Math.random() * 1e6);
  }

  /** What stands against drawing, or "". */
  complaint() {
    const { unknown } = this.words();
    if (unknown.length) {
      const words = unknown.map((word) => `“${word}”`).join(", ");
      return tr("The model does not know {words}.", { words });
    }
    return "";
  }
}

/**
 * The settings that draw the same sprites in the app, as sprite_lab/core/config_text.py has them.
 * `drawn`: which sprites, {count, first_index}, and what else is not as usual.
 */
export function settingsText(settings, drawn) {
  const config = {
    ...drawn, seed: settings.seed, classes: settings.classes, words: settings.words, style: settings.style,
    guidance_scale: settings.guidance, steps: Number(settings.steps), colors: settings.colors,
    visits: settings.visits, autoguidance: 0, precision: "fp32",
  };
  return JSON.stringify({ sprite_lab: { schema_version: 1, sample_config: config } });
}

export class SamplePanel {
  constructor(model, artist) {
    Object.assign(this, { model, artist, wishes: new Wishes(model, "sample") });
    this.side = model.network.image_size;
    this.player = new Player(the("sample-player"));
    the("sample-player").hidden = true;
    the("sample-reroll").addEventListener("click", () => {
      this.wishes.reroll();
      this.go();
    });
    the("sample-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.go();
    });
  }

  /** Takes the settings of a link. */
  take(settings) {
    this.wishes.take(settings);
    the("sample-count").value = wholeNumber(settings.count, 1, MOST_SPRITES, the("sample-count").value);
    this.asked = false;
    this.t = levelIn(settings.t);
  }

  /** Draws what a link asks for, once it is seen. */
  appear() {
    if (!this.asked) this.go();
  }

  asText() {
    const t = the("sample-player").hidden ? null : this.player.level;
    return { ...this.wishes.asText(), count: the("sample-count").value, t };
  }

  async go() {
    const state = the("sample-state"), settings = this.wishes.settings();
    const count = wholeNumber(the("sample-count").value, 1, MOST_SPRITES, 8);
    const complaint = this.wishes.complaint();
    this.asked = true;
    if (complaint) {
      state.textContent = complaint;
      return;
    }
    const sprites = [], times = [], gallery = the("sample-sprites");
    the("sample-player").hidden = true;
    gallery.replaceChildren();
    state.textContent = this.loaded ? tr("Drawing…") : tr("Unpacking the model…");
    try {
      const whole = await this.artist.draw("sample", settings, [...Array(count).keys()], (index, points, ms) => {
        this.loaded = true;
        sprites[index] = points;
        times.push(ms);
        gallery.append(this.#thumbnail(sprites, settings, index));
        state.textContent = tr("Drawing… {done} of {count}", { done: sprites.length, count });
      });
      if (!whole) return;
    } catch (error) {
      state.textContent = tr("Drawing failed: {words}", { words: error.message });
      return;
    }
    const middle = times.sort((a, b) => a - b)[Math.floor(times.length / 2)];
    state.textContent = trn(
      "{n} sprite, {ms} ms each. Choose one to see how it came out of noise.",
      "{n} sprites, {ms} ms each. Choose one to see how it came out of noise.",
      count, { ms: number(middle) },
    );
    state.dataset.ms = middle;
    if (!gallery.querySelector("[aria-pressed=true]")) this.#open(sprites, settings, null);
    if (this.t !== null) this.player.goTo(this.t);
    this.t = null;
  }

  #thumbnail(sprites, settings, index) {
    const rgba = rgbaOf(sprites[index].at(-1).x0, this.side);
    const button = spriteButton(rgba, this.side, tr("Sprite {number}", { number: index + 1 }), () => {
      const chosen = button.getAttribute("aria-pressed") !== "true";
      for (const other of the("sample-sprites").children) other.setAttribute("aria-pressed", "false");
      button.setAttribute("aria-pressed", String(chosen));
      this.#open(sprites, settings, chosen ? index : null, 0);
    });
    button.setAttribute("aria-pressed", "false");
    return button;
  }

  /** `only`: the index of one sprite, or null for all. */
  #open(sprites, settings, only, at = sprites[0].length - 1) {
    the("sample-player").hidden = false;
    const lane = laneOfPoints(sprites, this.model);
    const drawn = only === null ? { count: sprites.length } : { count: 1, first_index: only };
    const recording = {
      title: tr("Sprites"), kind: "reverse", lanes: [lane], settings: settingsText(settings, drawn),
    };
    this.player.open(recording, { only, at });
  }
}
