// Settings in the page's address, as #show=sample&seed=7&classes=hero: a link carries them.

/** The settings of the address, all as text. */
export function settingsOf(hash) {
  return Object.fromEntries(new URLSearchParams(hash.replace(/^#/, "")));
}

/** An address's end for some settings; what is empty is left out. */
export function hashOf(settings) {
  const known = Object.entries(settings).filter(([, value]) => value !== "" && value != null);
  return `#${new URLSearchParams(known)}`;
}

/** A whole number of some text within limits, else `otherwise`. */
export function wholeNumber(text, low, high, otherwise) {
  const value = Number(text);
  return text !== undefined && text !== "" && Number.isInteger(value) && low <= value && value <= high
    ? value : otherwise;
}

/** A level t of some text, else null. */
export const levelIn = (text) => (text && Number.isFinite(Number(text)) ? Number(text) : null);
