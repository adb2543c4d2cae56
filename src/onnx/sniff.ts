/** What files begin with that people give in a model's place. */
const signatures: readonly (readonly [string, readonly number[]])[] = [
  ['a JPEG picture', [0xff, 0xd8, 0xff]],
  ['a PNG picture', [0x89, 0x50, 0x4e, 0x47]],
  ['a GIF picture', [0x47, 0x49, 0x46, 0x38]],
  ['a PDF document', [0x25, 0x50, 0x44, 0x46]],
  ['an archive (as PyTorch and Keras save)', [0x50, 0x4b, 0x03, 0x04]],
  ['a compressed file', [0x1f, 0x8b]],
  ['an HDF5 file (as Keras and Caffe save)', [0x89, 0x48, 0x44, 0x46]],
  ['a NumPy array', [0x93, 0x4e, 0x55, 0x4d]],
  ['a Git LFS pointer, not the file itself', [...'version https://git-lfs'].map((c) => c.charCodeAt(0))],
  ['a web page', [...'<!DOCTYPE'].map((c) => c.charCodeAt(0))],
];

/** What a file that is no model seems to be; undefined if it could be one. */
export function sniff(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return 'an empty file';
  return signatures.find(([, start]) => start.every((byte, i) => bytes[i] === byte))?.[0];
}
