// Words in the page's language, as sprite_lab/words.py has them; packaging/translations.py collects
// them from here. What is not translated is English.

const block = globalThis.document?.getElementById("words");
const { language, said } = block ? JSON.parse(block.textContent) : { language: "en", said: {} };
const plural = new Intl.PluralRules(language);

/** A number as the language writes it, with a minus sign rather than a hyphen. */
export const number = (value, digits = 0) => value.toLocaleString(
  language, { minimumFractionDigits: digits, maximumFractionDigits: digits }).replace("-", "−");

/** A share as whole percents. */
export const percent = (value) => value.toLocaleString(language, { style: "percent" });

const filled = (text, values) => text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);

/** A text in the page's language, with values put in where it says {name}. */
export const tr = (text, values = {}) => filled(said[text]?.[0] ?? text, values);

/** The same for n things; both texts may say {n}. */
export function trn(one, many, n, values = {}) {
  const [first, other] = said[one] ?? [one, many];
  return filled(plural.select(n) === "one" ? first : other ?? first, { n: number(n), ...values });
}
