// What this browser remembers for the page: JSON, each under a name.

const PREFIX = "sprite-lab ";

/** What was kept under a name; null where nothing is, or it is no JSON, or the browser refuses. */
export function recall(name) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + name));
  } catch {
    return null;
  }
}

/** Keeps a value; where the browser refuses it, it lasts as long as the page. */
export function keep(name, value) {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // See above.
  }
}

/** The names that begin so, in order. */
export function known(beginning) {
  try {
    const all = PREFIX + beginning;
    return Object.keys(localStorage).filter((key) => key.startsWith(all)).map((key) => key.slice(PREFIX.length)).sort();
  } catch {
    return [];
  }
}

export function forget(name) {
  localStorage.removeItem(PREFIX + name);
}
