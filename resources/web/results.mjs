// Answers in the browser, and the file of results that Sprite Lab opens (formats/results.py says
// what may be in it). Only the browser keeps the last answer to a question, as `last`.

import { wholeNumber } from "./link.mjs";

const PREFIX = "sprite-lab lesson ";
const MOST_LESSONS = 200;

/** The first `most` characters. */
export const cut = (text, most) => [...String(text ?? "")].slice(0, most).join("");

/** What is kept of a lesson, {title, steps, reached, answers}; nothing where that is not ours. */
export function recalled(key, title, steps) {
  try {
    const found = lessonOf(key, JSON.parse(localStorage.getItem(PREFIX + key)));
    if (found?.steps === steps) return found;
  } catch {
    // A browser may refuse to remember, or the text is another page's.
  }
  return { key: cut(key, 200), title: cut(title, 4000), steps, reached: 0, answers: [] };
}

/** Keeps a lesson; where the browser refuses it, it lasts as long as the page. */
export function keep(lesson) {
  try {
    localStorage.setItem(PREFIX + lesson.key, JSON.stringify(lesson));
  } catch {
    // See above.
  }
}

/** Forgets all lessons. */
export function forgetAll() {
  try {
    for (const key of keys()) localStorage.removeItem(PREFIX + key);
  } catch {
    // See above.
  }
}

/** The file as text: all lessons that this browser remembers, and the one of this page. */
export function resultsText(name, lesson) {
  const lessons = new Map();
  try {
    for (const key of keys().sort()) {
      const found = lessonOf(key, parsed(localStorage.getItem(PREFIX + key)));
      if (found) lessons.set(key, found);
    }
  } catch {
    // See above.
  }
  lessons.delete(lesson.key);
  const begun = [lesson, ...lessons.values()]
    .filter((one) => one.reached || one.answers.length)
    .map((one) => ({ ...one, answers: one.answers.map(({ last, ...given }) => given) }));
  const results = { name: cut(name.trim(), 80), lessons: begun.slice(0, MOST_LESSONS), pictures: [] };
  return JSON.stringify({ format: "sprite-lab results", schema_version: 1, ...results }, null, 1);
}

const keys = () => Object.keys(localStorage)
  .filter((key) => key.startsWith(PREFIX)).map((key) => key.slice(PREFIX.length));

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
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
        tries: wholeNumber(given.tries, 1, 1000, 1), last: cut(given.last, 400),
      });
    }
  }
  const reached = wholeNumber(found.reached, 0, steps, 0);
  return { key, title: cut(found.title, 4000), steps, reached, answers: [...answers.values()] };
}
