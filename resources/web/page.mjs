// The page: its parts, shown one at a time, and what a link asks for.

import { Artist } from "./artist.mjs";
import { DrawPanel } from "./draw.mjs";
import { fillChoice, the } from "./elements.mjs";
import { LessonPanel } from "./lesson.mjs";
import { hashOf, settingsOf } from "./link.mjs";
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
  if (name === "sample" && !the("sample-sprites").children.length) parts.sample.go();
}

tabs.forEach((tab, i) => {
  tab.addEventListener("click", () => show(tab.dataset.part));
  tab.addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    const next = tabs[(i + by + tabs.length) % tabs.length];
    next.focus();
    show(next.dataset.part);
  });
});

/** The recordings, unpacked when they are first shown. */
class WatchPanel {
  constructor(recordings) {
    this.recordings = recordings;
    this.player = new Player(the("watch-player"));
    fillChoice(the("watch-which"), recordings.map(({ title }, i) => [String(i), title]));
    the("watch-which").closest("label").hidden = recordings.length < 2;
    the("watch-which").addEventListener("change", () => this.open(Number(the("watch-which").value)));
  }

  async open(number, t) {
    const { title, kind, note, lanes } = this.recordings[number];
    the("watch-which").value = number;
    the("watch-note").textContent = note;
    this.player.open({ title, kind, lanes: await Promise.all(lanes.map(laneOf)) });
    if (t !== undefined && Number.isFinite(Number(t)) && kind !== "training") this.player.goTo(Number(t));
  }

  asText() {
    return { recording: the("watch-which").value, t: this.player.level };
  }
}

async function start() {
  if (!("DecompressionStream" in window)) {
    throw new Error(tr("this browser is too old. Update it, or use another one."));
  }
  const asked = settingsOf(location.hash);
  if (the("part-sample")) {
    const artist = new Artist(page.model, text);
    artist.ready.then((fast) => (document.body.dataset.kernel = fast ? "wasm" : "javascript"), () => {});
    parts.sample = new SamplePanel(page.model, artist);
    parts.train = new TrainPanel(page.model, artist);
    parts.draw = new DrawPanel(page.model, artist, page.drawings, parts.train);
    parts.sample.take(asked);
    parts.draw.wishes.take(asked);
  }
  if (the("part-watch")) {
    parts.watch = new WatchPanel(page.recordings);
    const number = Number(asked.recording);
    await parts.watch.open(page.recordings[number] ? number : 0, asked.t);
  }
  if (the("part-lesson")) parts.lesson = new LessonPanel(page.lesson, asked);
  const wanted = tabs.find((tab) => tab.dataset.part === asked.show) ?? tabs[0];
  show(wanted.dataset.part);
}

the("link").addEventListener("click", async () => {
  const settings = { show: shown, ...parts[shown]?.asText?.() };
  history.replaceState(null, "", hashOf(settings));
  const told = the("link-state");
  try {
    await navigator.clipboard.writeText(location.href);
    told.textContent = tr("Copied: whoever opens it sees what you see.");
  } catch {
    told.textContent = tr("The address above holds these settings: copy it.");
  }
});

start().catch((error) => {
  the("failed").hidden = false;
  the("failed").textContent = tr("This page could not start: {words}", { words: error.message });
});
