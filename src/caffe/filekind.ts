import { fail } from '../common/error.ts';
import { type FileKind, fileKind, textKind } from '../common/filekind.ts';

/** An error for files that are recognisably something else than a binary Caffe file, saying what they are. */
export function refuseOtherKinds(
  bytes: Uint8Array,
  file: string,
  kind: FileKind['kind'],
  expected: string,
): void {
  const found = fileKind(bytes);
  if (bytes.length === 0) fail(file, 'the file is empty', `pass ${expected} here`);
  if (found.kind !== kind && found.kind !== 'unknown') refuse(found, file, expected);
}

/**
 * The text of a network definition or a solver, whatever the file's name. Comments may be in any encoding. Errors: a
 * file that is recognisably something else, saying what it is.
 */
export function definitionText(bytes: Uint8Array, file: string): string {
  const found = fileKind(bytes);
  const isText = found.kind === 'text' || found.kind === 'definition' || found.kind === 'solver';
  if (!isText && found.kind !== 'unknown') refuse(found, file, 'a prototxt');
  return new TextDecoder().decode(bytes);
}

/** Errors: a text that is the other of Caffe's two, or a web page. */
export function refuseOtherText(text: string, file: string, kind: 'definition' | 'solver'): void {
  const found = textKind(text);
  if (found.kind !== kind && found.kind !== 'text') {
    refuse(found, file, kind === 'solver' ? 'the solver whose net it is' : 'the network that its net names');
  }
}

function refuse({ text, fix }: FileKind, file: string, expected: string): never {
  fail(file, `this is ${text}`, fix ?? `pass ${expected} here`);
}
