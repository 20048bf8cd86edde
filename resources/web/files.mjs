// Files to save: pictures and animations, with the settings that drew them and whom to thank, as
// sprite_lab/formats/metadata.py reads them.

import { gifOf } from "./gif.mjs";
import { paint } from "./pixels.mjs";

const attribution = () => document.body.dataset.attribution;

/** A sheet {rgba, width, height} as a PNG. `settings`: of the app, as text; "" = none. */
export async function pngOf({ rgba, width, height }, settings = "") {
  const canvas = document.createElement("canvas");
  paint(canvas, rgba, width, height);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
  const png = new Uint8Array(await blob.arrayBuffer());
  const header = 33; // the signature and the first chunk
  const chunks = Object.entries({ sprite_lab: settings, Attribution: attribution() })
    .filter(([, text]) => text).map(([key, text]) => textChunk(key, text));
  return new Blob([png.slice(0, header), ...chunks, png.slice(header)], { type: "image/png" });
}

/** Sheets of one size as a GIF that stays at the last one. */
export function animationOf(sheets, { frameMs, lastMs, settings = "" }) {
  const durations = sheets.map((_, k) => (k === sheets.length - 1 ? lastMs : frameMs));
  const comment = [settings, attribution()].filter(Boolean).join("\n");
  const [{ width, height }] = sheets;
  const gif = gifOf(sheets.map(({ rgba }) => rgba), width, height, durations, comment);
  return new Blob([gif], { type: "image/gif" });
}

/** Offers a file for saving. */
export function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/** An iTXt chunk, which holds UTF-8. */
function textChunk(key, text) {
  const body = new TextEncoder().encode(`iTXt${key}\0\0\0\0\0${text}`);
  const chunk = new Uint8Array(body.length + 8), view = new DataView(chunk.buffer);
  view.setUint32(0, body.length - 4);
  chunk.set(body, 4);
  view.setUint32(body.length + 4, crc(body));
  return chunk;
}

function crc(bytes) {
  let value = ~0;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  }
  return ~value >>> 0;
}
