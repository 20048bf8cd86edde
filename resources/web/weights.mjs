// Weights as sprite_lab/formats/web/weights.py writes them.

/** What each character counts; those that mean something in HTML or JSON are none. */
const DIGITS = new Uint8Array(128);
[..."!#%()*+,-.0123456789:;=?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_abcdefghijklmnopqrstuvwxyz{|}~"]
  .forEach((character, i) => (DIGITS[character.charCodeAt()] = i));

/** Bytes of text, as sprite_lab/formats/web/base85.py writes it: five characters for four bytes. */
export function bytesOf(text) {
  const groups = Math.ceil(text.length / 5), view = new DataView(new ArrayBuffer(4 * groups));
  for (let g = 0, at = 0; g < groups; g++) {
    let value = 0;
    for (let i = 0; i < 5; i++, at++) value = 85 * value + (at < text.length ? DIGITS[text.charCodeAt(at)] : 84);
    view.setUint32(4 * g, value);
  }
  return new Uint8Array(view.buffer, 0, Math.floor((4 * text.length) / 5));
}

/** What gzip packed. */
export async function unpacked(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** {name: {shape, values}} from the table of tensors and the bytes of all, one after another. */
export function tensorsOf(table, bytes) {
  const tensors = {};
  let at = 0;
  const take = (count) => bytes.subarray(at, (at += count));
  const floats = (count) => new Float32Array(take(4 * count).slice().buffer);
  for (const { name, shape, kind } of table) {
    const count = shape.reduce((a, b) => a * b, 1);
    let values;
    if (kind === "float32") {
      values = floats(count);
    } else if (kind === "float16") {
      values = halves(take(count), take(count));
    } else {
      const scales = floats(shape[0]);
      values = rows(scales, take(count), kind === "rows16" ? take(count) : null);
    }
    tensors[name] = { shape, values };
  }
  return tensors;
}

/** float16 from planes of low and of high bytes. */
function halves(low, high) {
  return Float32Array.from(low, (byte, i) => {
    const bits = byte | (high[i] << 8), power = (bits >> 10) & 31, part = bits & 1023;
    const size = power === 0 ? part * 2 ** -24 : (1 + part / 1024) * 2 ** (power - 15);
    return bits & 0x8000 ? -size : size;
  });
}

/** Whole numbers, of one or two bytes, times a scale for each row. */
function rows(scales, low, high) {
  const wide = low.length / scales.length;
  return Float32Array.from(low, (byte, i) => {
    const whole = high ? ((byte | (high[i] << 8)) << 16) >> 16 : (byte << 24) >> 24;
    return whole * scales[Math.floor(i / wide)];
  });
}
