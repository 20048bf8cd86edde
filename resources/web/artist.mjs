// The page's side of worker.mjs: asks for sprites, and gives them as they are done.

export class Artist {
  /** `text(id)`: what a block of the page holds. */
  constructor(model, text) {
    const source = new Blob([text("worker")], { type: "text/javascript" });
    this.asked = 0;
    this.waiting = new Map();
    this.worker = new Worker(URL.createObjectURL(source));
    this.ready = new Promise((resolve, reject) => {
      this.worker.onerror = (event) => reject(new Error(event.message));
      this.worker.onmessage = ({ data }) => {
        if (data.kind === "ready") resolve(data.fast);
        else if (data.kind === "failed" && data.id === undefined) reject(new Error(data.words));
        else this.#hear(data);
      };
    });
    this.worker.postMessage({
      kind: "load", model, weights: text("weights").trim(), kernel: text("kernel").trim(),
    });
  }

  /**
   * Draws sprites for a part of the page, `who`; what it asked for before is called off.
   * `show(index, points, ms)` gets each. Gives true once all are drawn, false when called off.
   */
  draw(who, settings, indices, show) {
    this.#callOff(who);
    return this.#ask("draw", { who, settings, indices }, { show, who });
  }

  stop(who) {
    this.#callOff(who);
    this.worker.postMessage({ kind: "stop", who });
  }

  /**
   * Teaches a copy of the model pictures (C, H, W): `tell({step, steps, loss})` after each step.
   * Settings with `by: "after"` are drawn by it, those with "before" by the model before.
   */
  learn(pictures, seed, tell) {
    return this.#ask("learn", { pictures, seed }, { tell });
  }

  /** Ends learning; what was learned stays. */
  halt() {
    this.worker.postMessage({ kind: "halt" });
  }

  #ask(kind, what, how) {
    const id = ++this.asked;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject, ...how });
      this.ready.catch(reject);
      this.worker.postMessage({ kind, id, ...what });
    });
  }

  /** Drawings that nobody waits for any more. */
  #callOff(who) {
    for (const [id, asked] of this.waiting) {
      if (asked.who !== who) continue;
      asked.resolve(false);
      this.waiting.delete(id);
    }
  }

  #hear(data) {
    const asked = this.waiting.get(data.id);
    if (!asked) return;
    if (data.kind === "sprite") asked.show(data.index, data.points, data.ms);
    else if (data.kind === "step") asked.tell(data);
    else {
      this.waiting.delete(data.id);
      if (data.kind === "done") asked.resolve(true);
      else asked.reject(new Error(data.words));
    }
  }
}
