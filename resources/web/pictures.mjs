// Sprites out of a picture file: one, one enlarged, or a sheet of many.

/** Lists of RGBA bytes, each of a square of `side` pixels; none where the picture does not fit. */
export function spritesOf({ data, width, height }, side) {
  const scale = enlargement(data, width, height, side);
  const at = (x, y) => 4 * (y * scale * width + x * scale);
  const wide = width / scale, high = height / scale;
  const cell = [side, side + 1].find((step) => !((wide + step - side) % step) && !((high + step - side) % step));
  const found = [];
  const cut = (left, top, w, h, dx = 0, dy = 0) => {
    const rgba = new Uint8ClampedArray(4 * side * side);
    for (let y = 0; y < h; y++)
      for (let x = 0; x < w; x++)
        rgba.set(data.subarray(at(left + x, top + y), at(left + x, top + y) + 4), 4 * ((y + dy) * side + x + dx));
    if (!isEmpty(rgba)) found.push(rgba);
  };
  if (wide <= side && high <= side) {
    cut(0, 0, wide, high, Math.floor((side - wide) / 2), Math.floor((side - high) / 2));
  } else if (cell) {
    for (let y = 0; y + side <= high; y += cell) for (let x = 0; x + side <= wide; x += cell) cut(x, y, side, side);
  }
  return found;
}

/** How many pixels wide a pixel was drawn: the largest number that leaves a sprite of `side`. */
function enlargement(data, width, height, side) {
  const pixel = (x, y) => {
    const i = 4 * (y * width + x);
    return data[i + 3] && ((data[i] << 24) | (data[i + 1] << 16) | (data[i + 2] << 8) | data[i + 3]);
  };
  for (let scale = Math.floor(Math.min(width, height) / side); scale > 1; scale--) {
    if (width % scale || height % scale) continue;
    let fits = true;
    for (let y = 0; y < height && fits; y++)
      for (let x = 0; x < width && fits; x++)
        fits = pixel(x, y) === pixel(x - (x % scale), y - (y % scale));
    if (fits) return scale;
  }
  return 1;
}

/** Whether nothing is drawn: all is transparent, or all is of one color. */
function isEmpty(rgba) {
  for (let i = 4; i < rgba.length; i++) if (rgba[i] !== rgba[i % 4] && (rgba[i | 3] || rgba[3])) return false;
  return true;
}
