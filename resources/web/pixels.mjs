// From numbers to pixels: pictures as RGBA bytes, alone, in sheets and on a canvas.

const byte = (x) => Math.round((Math.min(Math.max(x, -1), 1) + 1) * 127.5);

/** RGBA bytes of a picture (C, H, W) in [-1, 1]; without alpha, or asked so, it is opaque. */
export function rgbaOf(x, side, { opaque = false, strength = 1 } = {}) {
  const count = side * side, out = new Uint8ClampedArray(4 * count);
  for (let p = 0; p < count; p++) {
    for (let c = 0; c < 3; c++) out[4 * p + c] = byte(strength * x[c * count + p]);
    out[4 * p + 3] = opaque || x.length === 3 * count ? 255 : byte(x[3 * count + p]);
  }
  return out;
}

/** What a picture (C, H, W) is of RGBA bytes; colors lie on white where they are transparent. */
export function numbersOf(rgba, side, channels) {
  const count = side * side, out = new Float32Array(channels * count);
  for (let p = 0; p < count; p++) {
    const alpha = rgba[4 * p + 3] / 255;
    for (let c = 0; c < 3; c++) {
      out[c * count + p] = Math.round(rgba[4 * p + c] * alpha + 255 * (1 - alpha)) / 127.5 - 1;
    }
    if (channels === 4) out[3 * count + p] = rgba[4 * p + 3] / 127.5 - 1;
  }
  return out;
}

/** Shows RGBA bytes on a canvas of just that many pixels; the style sheet enlarges it. */
export function paint(canvas, rgba, width, height = width) {
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  canvas.getContext("2d").putImageData(new ImageData(rgba, width, height), 0, 0);
}

/** Sprites side by side with gaps, each pixel `scale` wide: {rgba, width, height}. */
export function sheetOf(sprites, side, { columns = Math.ceil(Math.sqrt(sprites.length)), scale = 1, gap = 1 } = {}) {
  const rows = Math.ceil(sprites.length / columns), cell = side + gap;
  const width = (columns * cell - gap) * scale, height = (rows * cell - gap) * scale;
  const rgba = new Uint8ClampedArray(4 * width * height);
  sprites.forEach((sprite, i) => {
    const left = (i % columns) * cell * scale, top = Math.floor(i / columns) * cell * scale;
    for (let y = 0; y < side * scale; y++) {
      for (let x = 0; x < side * scale; x++) {
        const from = 4 * (Math.floor(y / scale) * side + Math.floor(x / scale));
        rgba.set(sprite.subarray(from, from + 4), 4 * ((top + y) * width + left + x));
      }
    }
  });
  return { rgba, width, height };
}
