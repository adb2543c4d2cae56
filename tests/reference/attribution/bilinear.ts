/** A plane enlarged bilinearly, pixel by pixel: samples at half-pixel centres, borders repeated. */
export function enlarged(
  plane: ArrayLike<number>,
  [h, w]: readonly [number, number],
  [height, width]: readonly [number, number],
): Float64Array {
  const place = (i: number, from: number, to: number) =>
    Math.min(from - 1, Math.max(0, ((i + 0.5) * from) / to - 0.5));
  return Float64Array.from({ length: height * width }, (_, i) => {
    const [y, x] = [place(Math.floor(i / width), h, height), place(i % width, w, width)];
    let value = 0;
    for (let row = 0; row < h; row++) {
      for (let column = 0; column < w; column++) {
        const near = Math.max(0, 1 - Math.abs(y - row)) * Math.max(0, 1 - Math.abs(x - column));
        value += near * plane[row * w + column];
      }
    }
    return value;
  });
}
