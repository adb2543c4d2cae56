import { fail } from './error.ts';

/** What a file is that people give, or save, in another's place. */
export interface FileKind {
  /** `a web page`. */
  readonly name: string;
  readonly fix: string;
}

const another = 'give another file';

/** What such files begin with. */
const signatures: readonly (readonly [name: string, start: readonly number[] | string, fix: string])[] = [
  ['a JPEG picture', [0xff, 0xd8, 0xff], another],
  ['a PNG picture', '\x89PNG', another],
  ['a GIF picture', 'GIF8', another],
  ['a PDF document', '%PDF', another],
  ['an archive (as PyTorch and Keras save)', 'PK\x03\x04', 'unpack it first, or export the model to ONNX'],
  ['a compressed file', [0x1f, 0x8b], 'unpack it first'],
  [
    'an HDF5 file (as Keras and Caffe save)',
    '\x89HDF',
    "save the weights in Caffe's binary format, or export the model to ONNX",
  ],
  ['a NumPy array', '\x93NUMPY', another],
  ['a pickle of Python', [0x80, 0x02], another],
  ['a Git LFS pointer, not the file itself', 'version https://git-lfs', 'fetch the file with git lfs pull'],
  ['a text in UTF-16', [0xff, 0xfe], 'save it as UTF-8'],
  ['a text in UTF-16', [0xfe, 0xff], 'save it as UTF-8'],
];

/** A page that a browser or curl saved where a file was meant; GitHub's begin with empty lines. */
const page =
  /^\s*(?:<\?xml[^>]*>\s*)?(?:<!--[\s\S]{0,2000}?-->\s*)*<(?:!doctype\s+html|html[\s>]|head[\s>])/i;

/** The letters of a file's beginning that tell its kind. */
const LOOK = 4096;

/** What a file seems to be that says it in its first bytes; undefined where it does not. */
export function kindOf(file: Uint8Array | string): FileKind | undefined {
  if (file.length === 0) return { name: 'an empty file', fix: 'fetch or make it again' };
  const start =
    typeof file === 'string' ? file.slice(0, LOOK) : new TextDecoder('latin1').decode(file.subarray(0, LOOK));
  const byte = (i: number) => (typeof file === 'string' ? file.charCodeAt(i) : file[i]);
  const found = signatures.find(([, signature]) =>
    typeof signature === 'string'
      ? [...signature].every((char, i) => byte(i) === char.charCodeAt(0))
      : signature.every((each, i) => byte(i) === each),
  );
  if (found) return { name: found[0], fix: found[2] };
  if (page.test(start.replace(/^(?:\uFEFF|\xef\xbb\xbf)/, ''))) {
    return { name: 'a web page', fix: 'download the file itself: on GitHub by its Raw button' };
  }
  return undefined;
}

/** An error for a file that is recognisably something else than `wanted`: `an ONNX model`. */
export function refuseOtherKinds(file: Uint8Array | string, name: string, wanted: string): void {
  const kind = kindOf(file);
  if (kind) fail(name, `${kind.name}, not ${wanted}`, kind.fix);
}

/** What a file is that a decoder of pictures takes for none; undefined where it begins like a picture, or like nothing. */
export function otherThanPicture(file: Uint8Array): FileKind | undefined {
  const kind = kindOf(file);
  return kind?.name.endsWith('picture') ? undefined : kind;
}
