// GIF 89a, each frame with a table of its own colors, so that flat ones stay as they are.

const LARGEST_TABLE = 256;

/** Bytes of an animation that loops: frames of RGBA bytes, each shown for some milliseconds. */
export function gifOf(frames, width, height, durations, comment = "") {
  const out = [];
  const words = (...values) => values.forEach((value) => out.push(value & 255, (value >> 8) & 255));
  const text = (letters) => out.push(...new TextEncoder().encode(letters));
  const blocks = (bytes) => {
    for (let i = 0; i < bytes.length; i += 255) {
      const block = bytes.slice(i, i + 255);
      out.push(block.length, ...block);
    }
    out.push(0);
  };
  text("GIF89a");
  words(width, height);
  out.push(0, 0, 0, 0x21, 0xff, 11);
  text("NETSCAPE2.0");
  out.push(3, 1, 0, 0, 0);
  if (comment) {
    out.push(0x21, 0xfe);
    blocks(new TextEncoder().encode(comment));
  }
  frames.forEach((frame, k) => {
    const table = new ColorTable(frame), bits = Math.max(2, Math.ceil(Math.log2(table.colors.length)));
    out.push(0x21, 0xf9, 4, 0x09); // each frame is cleared; color 0 is transparent
    words(Math.round(durations[k] / 10));
    out.push(0, 0, 0x2c);
    words(0, 0, width, height);
    out.push(0x80 | (bits - 1));
    for (let i = 0; i < 2 ** bits; i++) out.push(...(table.colors[i] ?? [0, 0, 0]));
    out.push(bits);
    const packed = lzw(table.indices(frame), bits);
    blocks(packed);
  });
  out.push(0x3b);
  return Uint8Array.from(out);
}

/** The colors of a frame, the first being transparent; where there are too many, coarser ones. */
class ColorTable {
  constructor(frame) {
    for (this.shift = 0; ; this.shift++) {
      this.known = new Map();
      for (let i = 0; i < frame.length; i += 4) {
        const key = this.#key(frame, i);
        if (key >= 0 && !this.known.has(key)) this.known.set(key, this.known.size + 1);
      }
      if (this.known.size < LARGEST_TABLE) break;
    }
    const half = this.shift ? 1 << (this.shift - 1) : 0;
    const channel = (key, by) => Math.min(255, (((key >> by) & 255) << this.shift) + half);
    this.colors = [[0, 0, 0], ...[...this.known.keys()].map((key) => [16, 8, 0].map((by) => channel(key, by)))];
  }

  #key(frame, i) {
    if (frame[i + 3] < 128) return -1;
    const [r, g, b] = [0, 1, 2].map((c) => frame[i + c] >> this.shift);
    return (r << 16) | (g << 8) | b;
  }

  indices(frame) {
    return Uint8Array.from({ length: frame.length / 4 }, (_, p) => this.known.get(this.#key(frame, 4 * p)) ?? 0);
  }
}

function lzw(indices, bits) {
  const clear = 1 << bits, out = [];
  let codes, next, size, held = 0, count = 0;
  const put = (code) => {
    held |= code << count;
    for (count += size; count >= 8; count -= 8, held >>>= 8) out.push(held & 255);
  };
  const reset = () => {
    codes = new Map();
    next = clear + 2;
    size = bits + 1;
  };
  reset();
  put(clear);
  let prefix = indices[0];
  for (const index of indices.subarray(1)) {
    const key = (prefix << 8) | index;
    if (codes.has(key)) {
      prefix = codes.get(key);
      continue;
    }
    put(prefix);
    codes.set(key, next++);
    if (next > 1 << size) size++;
    if (next === 4096) {
      put(clear);
      reset();
    }
    prefix = index;
  }
  put(prefix);
  put(clear + 1);
  if (count) out.push(held & 255);
  return out;
}
