// Weights as sprite_lab/formats/web/weights.py writes them.

/** Bytes from base64. */
export function bytesOf(text) {
  const binary = atob(text), bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
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
