import { fail } from '../common/error.ts';

/** An error for files that are recognisably something else than a binary Caffe file, saying what they are. */
export function refuseOtherKinds(bytes: Uint8Array, file: string, expected: string): void {
  if (bytes.length === 0) fail(file, 'the file is empty', `pass ${expected} here`);
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 4096));
  if (start.startsWith('\x89HDF')) {
    fail(file, 'this is an HDF5 file', `save the weights in Caffe's binary format and pass ${expected} here`);
  }
  if (start.startsWith('version https://git-lfs')) {
    fail(file, 'this is a Git LFS pointer, not the file itself', 'fetch it with git lfs pull');
  }
  if (start.startsWith('PK\x03\x04') || start.startsWith('\x1f\x8b')) {
    fail(file, 'this is a compressed archive', 'unpack it first');
  }
  // Printable text all along: a prototxt or a web page. Tags and lengths of layers are control characters.
  if (/^[\t\r\n\x20-\x7e]{16,}$/.test(start)) fail(file, 'this is a text file', `pass ${expected} here`);
}
