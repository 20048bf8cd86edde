// The page: its parts, shown one at a time, and what a link asks for.

import { Artist } from "./artist.mjs";
import { DrawPanel } from "./draw.mjs";
import { fillChoice, the } from "./elements.mjs";
import { LessonPanel } from "./lesson.mjs";
import { hashOf, levelIn, settingsOf, wholeNumber } from "./link.mjs";
import { Player } from "./player.mjs";
import { laneOf } from "./recording.mjs";
import { SamplePanel } from "./sample.mjs";
import { TrainPanel } from "./train.mjs";
import { tr } from "./words.mjs";

const text = (id) => the(id).textContent;
const page = JSON.parse(text("data"));
const tabs = [...document.querySelectorAll("[role=tab]")];
const parts = {};
let shown = "";

function show(name) {
  shown = name;
  for (const tab of tabs) {
    const chosen = tab.dataset.part === name;
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
    the(`part-${tab.dataset.part}`).hidden = !chosen;
  }
  the("link-state").textContent = "";
  for (const [part, { player }] of Object.entries(parts)) if (part !== name) player?.pause();
  parts[name]?.appear?.();
}

tabs.forEach((tab, i) => {
  tab.addEventListener("click", () => show(tab.dataset.part));
  tab.addEventListener("keydown", (event) => {
    const last = tabs.length - 1;
    const to = { ArrowRight: i < last ? i + 1 : 0, ArrowLeft: i > 0 ? i - 1 : last, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    tabs[to].focus();
    show(tabs[to].dataset.part);
  });
});

/** The recordings, unpacked when they are first shown. */
class WatchPanel {
  constructor(recordings) {
    this.recordings = recordings;
    this.player = new Player(the("watch-player"));
    fillChoice(the("watch-which"), recordings.map(({ title }, i) => [String(i), title]));
    the("watch-which").closest("label").hidden = recordings.length < 2;
    the("watch-which").addEventListener("change", () => this.#open(Number(the("watch-which").value)));
  }

  /** Takes the settings of a link. */
  take({ recording, t }) {
    const number = wholeNumber(recording, 0, this.recordings.length - 1, this.number ?? 0);
    if (number !== this.number || levelIn(t) !== null) this.#open(number, levelIn(t));
  }

  async #open(number, t = null) {
    this.number = number;
    const recording = this.recordings[number];
    the("watch-which").value = number;
    the("watch-note").textContent = recording.note;
    const lanes = await Promise.all(recording.lanes.map(laneOf));
    if (number !== this.number) return; // another was chosen meanwhile
    this.player.open({ ...recording, lanes });
    if (t !== null && recording.kind !== "training") this.player.goTo(t);
  }

  asText() {
    return { recording: this.number, t: this.player.level };
  }
}

/** Brings the page to what its address asks for. */
function take(asked) {
  const wanted = tabs.find((tab) => tab.dataset.part === asked.show)?.dataset.part;
  for (const part of Object.values(parts)) part.take?.(asked);
  show(wanted ?? (shown || tabs[0].dataset.part));
}

function start() {
  if (!("DecompressionStream" in window)) {
    throw new Error(tr("this browser is too old. Update it, or use another one."));
  }
  if (the("part-lesson")) parts.lesson = new LessonPanel(page.lesson);
  if (the("part-watch")) parts.watch = new WatchPanel(page.recordings);
  if (the("part-sample")) {
    const artist = new Artist(page.model, text);
    artist.ready.then((fast) => (document.body.dataset.kernel = fast ? "wasm" : "javascript"), () => {});
    parts.sample = new SamplePanel(page.model, artist);
    parts.train = new TrainPanel(page.model, artist);
    parts.draw = new DrawPanel(page.model, artist, page.drawings, parts.train);
  }
  take(settingsOf(location.hash));
  addEventListener("hashchange", () => take(settingsOf(location.hash)));
}

the("link").addEventListener("click", async () => {
  const settings = { show: shown, ...parts[shown]?.asText?.() };
  history.replaceState(null, "", hashOf(settings));
  const told = the("link-state");
  try {
    await navigator.clipboard.writeText(location.href);
    told.textContent = location.protocol === "file:"
      ? tr("Copied: it opens this page on this computer. Others need the file as well.")
      : tr("Copied: it opens this page with these settings.");
  } catch {
    told.textContent = tr("The address above holds these settings: copy it.");
  }
});

try {
  start();
} catch (error) {
  the("failed").hidden = false;
  the("failed").textContent = tr("This page could not start: {words}", { words: error.message });
}
