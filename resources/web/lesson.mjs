// A lesson: texts, pictures and questions. Answers stay in the browser until they are saved.

import { make, the } from "./elements.mjs";
import { wholeNumber } from "./link.mjs";
import { save } from "./pixels.mjs";
import { Player } from "./player.mjs";
import { laneOf, placeOf } from "./recording.mjs";
import { cut, forgetAll, keep, recalled, resultsText } from "./results.mjs";
import { tr } from "./words.mjs";

export class LessonPanel {
  /** `lesson`: {key, title, test, steps: [{recording, at, ask}], recordings}. */
  constructor(lesson, asked) {
    this.lesson = lesson;
    this.steps = [...document.querySelectorAll("#lesson-steps > section")];
    this.player = new Player(the("lesson-player"));
    this.when = !lesson.test ? "" : asked.when === "after" ? "after" : "before";
    const key = this.when ? `${lesson.key}.${this.when}` : lesson.key;
    this.taken = recalled(key, lesson.title, this.steps.length);
    this.settled = new Set(this.taken.answers.map(({ step }) => step));
    the("lesson-back").addEventListener("click", () => this.show(this.step - 1));
    the("lesson-next").addEventListener("click", () => this.show(this.step + 1));
    the("lesson-save").addEventListener("click", () => this.#save());
    the("lesson-forget").addEventListener("click", () => this.#forget());
    this.steps.forEach((section, i) => lesson.steps[i].ask && this.#question(section, i));
    this.#begin(asked);
  }

  async #begin({ step, t }) {
    await this.show(wholeNumber(step, 1, this.steps.length, 1) - 1);
    if (t && Number.isFinite(Number(t)) && !the("lesson-player").hidden) this.player.goTo(Number(t));
  }

  asText() {
    const t = the("lesson-player").hidden ? null : this.player.level;
    return { step: this.step + 1, when: this.when, t };
  }

  async show(step) {
    this.step = Math.min(Math.max(step, 0), this.steps.length - 1);
    this.steps.forEach((section, i) => (section.hidden = i !== this.step));
    the("lesson-place").textContent = tr(
      "Step {step} of {steps}", { step: this.step + 1, steps: this.steps.length });
    the("lesson-back").disabled = this.step === 0;
    the("lesson-next").disabled = this.step === this.steps.length - 1;
    this.#reach();
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

  /** Keeps how far it was taken: to its end, once the last step is shown and answered. */
  #reach() {
    const last = this.steps.length - 1;
    const ended = this.step === last && (!this.lesson.steps[last].ask || this.settled.has(last + 1));
    this.taken.reached = Math.max(this.taken.reached, ended ? this.steps.length : this.step);
    keep(this.taken);
  }

  #question(section, i) {
    const { ask } = this.lesson.steps[i], form = make("form", { className: "ask" });
    const reply = make("p", { className: "reply", role: "status" });
    const known = this.taken.answers.find(({ step }) => step === i + 1);
    if (ask.choices) {
      const choices = ask.choices.map(({ text, reply: words, right }, n) => {
        const box = make("input", { type: "radio", name: `ask-${i}`, value: String(n) });
        box.checked = known?.last === cut(text, 400);
        box.addEventListener("change", () => this.#answer(form, i, text, right, words, reply));
        return make("label", {}, box, ` ${text}`);
      });
      form.append(make("fieldset", {}, make("legend", {}, tr("Your answer")), ...choices));
      if (known) {
        const last = ({ text }) => cut(text, 400) === known.last;
        const { reply: words, right } = ask.choices.find(last) ?? {};
        this.#tell(form, reply, words ?? "", right);
      }
    } else {
      const place = ask.log_snr !== undefined;
      const box = make("input", { type: "number", step: "any", "aria-label": tr("Your answer") });
      if (!place) form.append(box, ` ${ask.unit ?? ""} `);
      form.append(make("button", { type: "submit" }, place ? tr("The slider is there") : tr("Answer")));
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        const value = place ? placeOf(this.player.shown) : Number(box.value);
        const [low, high] = ask.number ?? ask.log_snr;
        const words = value < low ? ask.low : value > high ? ask.high : ask.right;
        const said = place ? `log-SNR ${value.toFixed(1)}` : `${value} ${ask.unit ?? ""}`.trim();
        this.#answer(form, i, said, low <= value && value <= high, words, reply);
      });
    }
    section.append(form, reply);
  }

  /** Says what is said to an answer; a test takes it as it is, and says nothing before the lessons. */
  #tell(form, reply, words, right) {
    reply.textContent = this.when === "before" ? "" : words;
    reply.dataset.right = String(Boolean(right));
    if (this.lesson.test) for (const box of form.querySelectorAll("input")) box.disabled = true;
  }

  #answer(form, i, answer, right, words, reply) {
    this.#tell(form, reply, words, right);
    const step = i + 1, last = cut(answer, 400);
    const known = this.taken.answers.find((given) => given.step === step);
    if (known) {
      known.last = last;
      if (!this.settled.has(step)) known.tries = Math.min(known.tries + 1, 1000);
    } else this.taken.answers.push({ step, answer: last, right: Boolean(right), tries: 1, last });
    if (right || this.lesson.test) this.settled.add(step);
    this.#reach();
  }

  #save() {
    const name = the("lesson-name").value;
    const file = `${name.trim().replace(/[^\p{L}\p{N} .-]/gu, "-").slice(0, 60) || "sprite-lab"}.results.json`;
    save(new Blob([resultsText(name, this.taken)], { type: "application/json" }), file);
    the("lesson-saved").textContent = tr("Saved as {file}.", { file });
  }

  #forget() {
    if (!confirm(tr("Forget all answers that were given in this browser?"))) return;
    forgetAll();
    location.reload();
  }
}
