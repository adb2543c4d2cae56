import { fail } from '../common/error.ts';
import { refuseOtherKinds } from '../common/filekind.ts';

/** An error for files that are recognisably something else than a binary Caffe file, saying what they are. */
export function refuseOthers(bytes: Uint8Array, file: string, expected: string): void {
  refuseOtherKinds(bytes, file, expected);
  // Printable text all along, such as a prototxt. Tags and lengths of layers are control characters.
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 4096));
  if (/^[\t\r\n\x20-\x7e]{16,}$/.test(start)) fail(file, 'this is a text file', `pass ${expected} here`);
}
