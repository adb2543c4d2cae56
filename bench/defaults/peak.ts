/** The share of Σ|R| that the strongest of a map's cells hold, `part` of all of them and at least one. */
export function peakOf(map: ArrayLike<number>, part: number): number {
  const sizes = Float64Array.from(map, Math.abs).sort().reverse();
  const total = (list: Float64Array) => list.reduce((sum, size) => sum + size, 0);
  return total(sizes.subarray(0, Math.ceil(sizes.length * part))) / total(sizes);
}
