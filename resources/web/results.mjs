// Answers in the browser, and the file of results that Sprite Lab opens (formats/results.py says
// what may be in it). Only the browser keeps the last answer to a question, as `last`, and
// whether one was right, as `solved`.

import { wholeNumber } from "./link.mjs";
import { forget, keep, known, recall } from "./memory.mjs";

const LESSON = "lesson ", MOST_LESSONS = 200;

/** The first `most` characters. */
export const cut = (text, most) => [...String(text ?? "")].slice(0, most).join("");

/** What is kept of a lesson, {key, title, steps, reached, answers}; nothing where that is not ours. */
export function recalled(key, title, steps) {
  const found = lessonOf(key, recall(LESSON + key));
  if (found?.steps === steps) return found;
  return { key: cut(key, 200), title: cut(title, 4000), steps, reached: 0, answers: [] };
}

export const keepLesson = (lesson) => keep(LESSON + lesson.key, lesson);

/** Forgets all lessons. */
export const forgetAll = () => known(LESSON).forEach(forget);

/** The file as text: the lesson of this page, and all others that this browser remembers. */
export function resultsText(name, lesson) {
  const keys = known(LESSON).map((found) => found.slice(LESSON.length));
  const others = keys.filter((key) => key !== lesson.key).map((key) => lessonOf(key, recall(LESSON + key)));
  const begun = [lesson, ...others]
    .filter((one) => one && (one.reached || one.answers.length))
    .map((one) => ({ ...one, answers: one.answers.map(({ last, solved, ...given }) => given) }));
  const results = { name: cut(name.trim(), 80), lessons: begun.slice(0, MOST_LESSONS), pictures: [] };
  return JSON.stringify({ format: "sprite-lab results", schema_version: 1, ...results }, null, 1);
}

/** What was remembered, each value within its bounds; null = it is nothing of ours. */
function lessonOf(key, found) {
  const steps = wholeNumber(found?.steps, 1, 100, 0);
  if (!steps || !Array.isArray(found.answers) || !key || [...key].length > 200) return null;
  const answers = new Map();
  for (const given of found.answers) {
    const step = wholeNumber(given?.step, 1, steps, 0);
    if (step && !answers.has(step)) {
      answers.set(step, {
        step, answer: cut(given.answer, 400), right: given.right === true,
        tries: wholeNumber(given.tries, 1, 1000, 1), last: cut(given.last, 400), solved: given.solved === true,
      });
    }
  }
  const reached = wholeNumber(found.reached, 0, steps, 0);
  return { key, title: cut(found.title, 4000), steps, reached, answers: [...answers.values()] };
}
