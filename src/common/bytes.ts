/** What a file is to hold. In parts, so that what is large need not be joined in memory first. */
export type FileData = Uint8Array | string | readonly Uint8Array[];

/** Byte arrays joined in order; a single one is returned as it is. */
export function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0];
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** The bytes of an array of numbers, viewed. */
export const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** A kind of typed array, such as `Float32Array`. */
export interface NumberArray<T> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): T;
}

/**
 * Little-endian bytes as numbers: a view where the bytes are aligned to their size, otherwise a copy.
 * The bytes must be a whole number of elements.
 */
export function viewAs<T>(kind: NumberArray<T>, bytes: Uint8Array): T {
  const width = kind.BYTES_PER_ELEMENT;
  // Not bytes.slice(): on a Node Buffer that is a view, with the same misaligned offset.
  const { buffer, byteOffset, length } = bytes.byteOffset % width === 0 ? bytes : new Uint8Array(bytes);
  return new kind(buffer, byteOffset, length / width);
}
