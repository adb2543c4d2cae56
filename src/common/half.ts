/** IEEE 754 half precision to float32, exactly. */
export const fromFloat16 = (bits: ArrayLike<number>): Float32Array => Float32Array.from(bits, float16);

/** The number that one half precision float is. */
export function float16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -24 * fraction);
}

/** bfloat16, the upper half of a float32, to float32. */
export function fromBfloat16(bits: ArrayLike<number>): Float32Array {
  return new Float32Array(Uint32Array.from(bits, (b) => (b & 0xffff) << 16).buffer);
}
