// A lesson: texts, pictures and questions. Answers stay in the browser until they are saved.

import { make, the } from "./elements.mjs";
import { save } from "./files.mjs";
import { levelIn, wholeNumber } from "./link.mjs";
import { Player } from "./player.mjs";
import { laneOf, placeOf } from "./recording.mjs";
import { cut, forgetAll, keepLesson, recalled, resultsText } from "./results.mjs";
import { tr } from "./words.mjs";

export class LessonPanel {
  /** `lesson`: {key, title, test, steps: [{recording, at, hidden, figure, ask}], recordings}. */
  constructor(lesson) {
    this.lesson = lesson;
    this.steps = [...document.querySelectorAll("#lesson-steps > section")];
    this.figures = [...document.querySelectorAll("#lesson-figures > figure")];
    this.player = new Player(the("lesson-player"));
    the("lesson-back").addEventListener("click", () => this.show(this.step - 1));
    the("lesson-next").addEventListener("click", () => this.show(this.step + 1));
    the("lesson-save").addEventListener("click", () => this.#save());
    the("lesson-forget").addEventListener("click", () => {
      if (!confirm(tr("Forget all answers given in this browser?"))) return;
      forgetAll();
      location.reload();
    });
  }

  /** Takes the settings of a link. */
  async take({ when, step, t }) {
    this.#begin(!this.lesson.test ? "" : when === "after" ? "after" : "before");
    const asked = wholeNumber(step, 1, this.steps.length, 1) - 1;
    await this.show(asked);
    const there = this.step === asked && !the("lesson-player").hidden;
    if (there && levelIn(t) !== null) this.player.goTo(levelIn(t));
  }

  asText() {
    const t = the("lesson-player").hidden ? null : this.player.level;
    return { step: this.step + 1, when: this.when, t };
  }

  /** Shows what was answered: of a test, `when` is "before" or "after" the lessons. */
  #begin(when) {
    const { key, title, steps } = this.lesson;
    this.when = when;
    this.taken = recalled(when ? `${key}.${when}` : key, title, steps.length);
    this.steps.forEach((section, i) => {
      for (const old of section.querySelectorAll(".ask, .reply")) old.remove();
      if (steps[i].ask) this.#question(section, i);
    });
  }

  async show(step) {
    this.step = Math.min(Math.max(step, 0), this.steps.length - 1);
    const { recording, at, figure } = this.lesson.steps[this.step];
    this.steps.forEach((section, i) => (section.hidden = i !== this.step));
    this.figures.forEach((one, i) => (one.hidden = i !== figure));
    the("lesson-place").textContent = tr(
      "Step {step} of {steps}", { step: this.step + 1, steps: this.steps.length });
    the("lesson-back").disabled = this.step === 0;
    the("lesson-next").disabled = this.step === this.steps.length - 1;
    the("lesson-player").hidden = recording === null;
    this.#reach();
    if (recording === null) {
      this.player.pause();
      return;
    }
    const found = this.lesson.recordings[recording];
    const lanes = await Promise.all(found.lanes.map(laneOf));
    if (this.lesson.steps[this.step].recording !== recording) return; // another step is shown by now
    the("lesson-note").textContent = found.note;
    const before = this.player.level;
    this.player.open({ ...found, lanes }, { hidden: this.#hidden });
    if (before !== undefined) this.player.goTo(before); // as in the app, the slider stays
    if (at === "noise") this.player.show(0);
    else if (at === "clean") this.player.show(Infinity);
    else if (at !== null) this.player.goTo(at);
  }

  /** The views that are not shown, some of them until the question is answered. */
  get #hidden() {
    const { ask, hidden } = this.lesson.steps[this.step];
    const revealed = ask && this.#given(this.step)?.solved ? ask.reveal : [];
    return hidden.filter((view) => !revealed.includes(view));
  }

  /** What was answered at a step. */
  #given(i) {
    return this.taken.answers.find(({ step }) => step === i + 1);
  }

  /** Keeps how far it was taken: to its end, once the last step is shown and answered. */
  #reach() {
    const last = this.steps.length - 1;
    const ended = this.step === last && (!this.lesson.steps[last].ask || this.#given(last)?.solved);
    this.taken.reached = Math.max(this.taken.reached, ended ? this.steps.length : this.step);
    keepLesson(this.taken);
  }

  /** The form of a question with what is said to an answer. */
  #question(section, i) {
    const { ask } = this.lesson.steps[i];
    const form = make("form", { className: "ask", role: "group", "aria-label": tr("Your answer") });
    const reply = make("p", { className: "reply", role: "status" });
    const known = this.#given(i)?.last;
    form.addEventListener("submit", (event) => event.preventDefault());
    section.append(form, reply);
    if (ask.choices) this.#choices(form, reply, i, known);
    else if (ask.number) this.#number(form, reply, i, known);
    else this.#place(form, reply, i);
  }

  /** Buttons, for one who goes through them with the keyboard has not answered yet. */
  #choices(form, reply, i, known) {
    for (const { text, reply: words, right } of this.lesson.steps[i].ask.choices) {
      const button = make("button", { type: "button", className: "choice", "aria-pressed": "false" }, text);
      const choose = () => {
        for (const other of form.children) other.setAttribute("aria-pressed", String(other === button));
        this.#tell(form, reply, words, right);
      };
      button.addEventListener("click", () => {
        choose();
        this.#answer(i, text, right);
      });
      form.append(button);
      if (known === cut(text, 400)) choose();
    }
  }

  #number(form, reply, i, known) {
    const { ask } = this.lesson.steps[i], { number, unit = "" } = ask;
    const box = make("input", { type: "number", step: "any", autocomplete: "off", "aria-label": tr("Your answer") });
    form.append(make("span", {}, box, ` ${unit} `, make("button", { type: "submit" }, tr("Answer"))));
    const said = (value) => `${value} ${unit}`.trim();
    const judge = (value) => this.#judge(form, reply, ask, number, value);
    form.addEventListener("submit", () => {
      if (box.value === "") reply.textContent = tr("Type a number.");
      else this.#answer(i, said(box.value), judge(Number(box.value)));
    });
    if (known !== undefined && known === said(parseFloat(known))) {
      box.value = parseFloat(known);
      judge(Number(box.value));
    }
  }

  #place(form, reply, i) {
    const { ask } = this.lesson.steps[i];
    form.append(make("button", { type: "submit" }, tr("The slider is there")));
    form.addEventListener("submit", () => {
      const value = placeOf(this.player.shown);
      this.#answer(i, `log-SNR ${value.toFixed(1)}`, this.#judge(form, reply, ask, ask.log_snr, value));
    });
  }

  /** Replies to a number; whether it is right. */
  #judge(form, reply, ask, [low, high], value) {
    const right = low <= value && value <= high;
    this.#tell(form, reply, value < low ? ask.low : value > high ? ask.high : ask.right, right);
    return right;
  }

  /** Says what is said to an answer; a test takes it as it is, and says nothing before the lessons. */
  #tell(form, reply, words, right) {
    reply.textContent = this.when === "before" ? "" : words;
    reply.dataset.right = String(Boolean(right));
    if (this.lesson.test) for (const part of form.querySelectorAll("button, input")) part.disabled = true;
  }

  #answer(i, answer, right) {
    const last = cut(answer, 400), given = this.#given(i), solved = Boolean(right) || this.lesson.test;
    if (!given) this.taken.answers.push({ step: i + 1, answer: last, right: Boolean(right), tries: 1, last, solved });
    else if (given.solved) given.last = last;
    else Object.assign(given, { last, solved, tries: Math.min(given.tries + 1, 1000) });
    this.#reach();
    if (solved && this.lesson.steps[i].ask.reveal.length) this.player.hide(this.#hidden);
  }

  #save() {
    const name = the("lesson-name").value;
    const file = `${name.trim().replace(/[^\p{L}\p{N} .-]/gu, "-").slice(0, 60) || "sprite-lab"}.results.json`;
    save(new Blob([resultsText(name, this.taken)], { type: "application/json" }), file);
    the("lesson-saved").textContent = tr("Saved as {file}.", { file });
  }
}
