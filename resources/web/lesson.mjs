// A lesson: texts, pictures and questions. Answers stay in the browser.

import { make, the } from "./elements.mjs";
import { wholeNumber } from "./link.mjs";
import { Player } from "./player.mjs";
import { laneOf, placeOf } from "./recording.mjs";

export class LessonPanel {
  /** `lesson`: {key, steps: [{recording, at, ask}], recordings}. */
  constructor(lesson, asked) {
    this.lesson = lesson;
    this.steps = [...document.querySelectorAll("#lesson-steps > section")];
    this.player = new Player(the("lesson-player"));
    this.answers = this.#remembered();
    this.lanes = new Map();
    the("lesson-back").addEventListener("click", () => this.show(this.step - 1));
    the("lesson-next").addEventListener("click", () => this.show(this.step + 1));
    this.steps.forEach((section, i) => lesson.steps[i].ask && this.#question(section, i));
    this.show(wholeNumber(asked.step, 1, this.steps.length, 1) - 1);
  }

  asText() {
    return { step: this.step + 1 };
  }

  async show(step) {
    this.step = Math.min(Math.max(step, 0), this.steps.length - 1);
    this.steps.forEach((section, i) => (section.hidden = i !== this.step));
    the("lesson-place").textContent = `Step ${this.step + 1} of ${this.steps.length}`;
    the("lesson-back").disabled = this.step === 0;
    the("lesson-next").disabled = this.step === this.steps.length - 1;
    const { recording, at } = this.lesson.steps[this.step];
    the("lesson-player").hidden = recording === null;
    if (recording === null) return;
    if (this.shownRecording !== recording) {
      const before = this.shownRecording === undefined ? null : this.player.level;
      this.shownRecording = recording;
      const { title, kind, lanes } = this.lesson.recordings[recording];
      this.player.open({ title, kind, lanes: await Promise.all(lanes.map(laneOf)) });
      if (before !== null) this.player.goTo(before); // as in the app, the slider stays
    }
    if (at === "noise") this.player.show(0);
    else if (at === "clean") this.player.show(Infinity);
    else if (at !== null) this.player.goTo(at);
  }

  #question(section, i) {
    const { ask } = this.lesson.steps[i], form = make("form", { className: "ask" });
    const reply = make("p", { className: "reply", role: "status" });
    if (ask.choices) {
      const choices = ask.choices.map(({ text, reply: words, right }, n) => {
        const box = make("input", { type: "radio", name: `ask-${i}`, value: String(n) });
        box.addEventListener("change", () => this.#answer(i, n, right, words, reply));
        return make("label", {}, box, ` ${text}`);
      });
      form.append(make("fieldset", {}, make("legend", {}, "Your answer"), ...choices));
    } else {
      const place = ask.log_snr !== undefined;
      const box = make("input", { type: "number", step: "any", "aria-label": "Your answer" });
      if (!place) form.append(box, ` ${ask.unit} `);
      form.append(make("button", { type: "submit" }, place ? "The slider is there" : "Answer"));
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        const value = place ? placeOf(this.player.shown) : Number(box.value);
        const [low, high] = ask.number ?? ask.log_snr;
        const words = value < low ? ask.low : value > high ? ask.high : ask.right;
        this.#answer(i, value, low <= value && value <= high, words, reply);
      });
    }
    section.append(form, reply);
    const known = this.answers[i];
    if (known && ask.choices) {
      const box = form.querySelector(`[value="${Number(known.answer)}"]`);
      if (box) box.checked = true;
      reply.textContent = ask.choices[known.answer]?.reply ?? "";
    }
  }

  #answer(i, answer, right, words, reply) {
    reply.textContent = words;
    reply.dataset.right = String(Boolean(right));
    this.answers[i] = { answer, right: Boolean(right) };
    try {
      localStorage.setItem(this.#key, JSON.stringify(this.answers));
    } catch {
      // A browser may refuse to remember; then answers last as long as the page.
    }
  }

  get #key() {
    return `sprite-lab lesson ${this.lesson.key}`;
  }

  #remembered() {
    try {
      return JSON.parse(localStorage.getItem(this.#key)) ?? {};
    } catch {
      return {};
    }
  }
}
