// Recorded processes: lanes of frames, each frame with x_t, x0 and epsilon of some sprites.

import { alphaOf, levelOf, stdOf } from "./levels.mjs";
import { rgbaOf } from "./pixels.mjs";
import { bytesOf, unpacked } from "./weights.mjs";

/** sprite_lab/formats/web/recordings.py says what the bytes are. */
const EPSILON_UNIT = 32;

/** epsilon is shown from -3 to 3. */
const SHOWN_EPSILON = 1 / 3;

/** One lane with frames {logSnr, t, step} and `picture(view, frame, sprite)`, RGBA bytes. */
export class Lane {
  constructor({ title = "", side, count, frames }, numbers) {
    Object.assign(this, { title, side, count, frames, numbers });
  }

  picture(view, frame, sprite) {
    const numbers = this.numbers(view, frame, sprite);
    const strength = view === "epsilon" ? SHOWN_EPSILON : 1;
    return rgbaOf(numbers, this.side, { opaque: view !== "x0", strength });
  }

  /** The last frame at or before a place: a log-SNR or a training step. */
  frameAt(place) {
    let found = 0;
    this.frames.forEach((frame, k) => {
      if (placeOf(frame) <= place + 1e-6) found = k;
    });
    return found;
  }
}

/** Where a frame lies on the slider. */
export const placeOf = (frame) => frame.step ?? frame.logSnr;

/** A lane of the page's own data: `data` is base64 of packed bytes. */
export async function laneOf({ data, ...facts }) {
  const bytes = await unpacked(bytesOf(data)), { side, count, channels, frames } = facts;
  const size = channels * side * side, plane = frames.length * count * size;
  return new Lane(facts, (view, frame, sprite) => {
    const at = (frame * count + sprite) * size;
    const x0 = Float32Array.from(bytes.subarray(at, at + size), (value) => value / 127.5 - 1);
    if (view === "x0") return x0;
    const noise = new Int8Array(bytes.buffer, plane + at, size);
    const epsilon = Float32Array.from(noise, (value) => value / EPSILON_UNIT);
    if (view === "epsilon") return epsilon;
    const { logSnr } = frames[frame], alpha = alphaOf(logSnr), std = stdOf(logSnr);
    return x0.map((value, i) => alpha * value + std * epsilon[i]);
  });
}

/** A lane of sprites that a model drew here: the points of each. */
export function laneOfPoints(sprites, { network, schedule }) {
  const frames = sprites[0].map(({ logSnr }) => ({ logSnr, t: levelOf(logSnr, schedule.log_snr) }));
  return new Lane({ side: network.image_size, count: sprites.length, frames }, (view, frame, sprite) =>
    sprites[sprite][frame][view]);
}
