import { fail } from './error.ts';

/*
 * What a file is, is told from its contents: its name says nothing certain. People save web pages and Git LFS pointers
 * where a file was meant, rename what they download, and give one file in another's place.
 */

/** What a file is by its contents. */
export interface FileKind {
  /**
   * `definition`, `solver`, `weights`, `solver state` and `mean` are Caffe's, `model` is ONNX's, `text` is any other
   * text, `unknown` what nothing is known of, `other` what limn never reads.
   */
  readonly kind:
    | 'definition'
    | 'solver'
    | 'weights'
    | 'solver state'
    | 'mean'
    | 'model'
    | 'array'
    | 'database'
    | 'picture'
    | 'text'
    | 'empty'
    | 'other'
    | 'unknown';
  /** `a web page`. */
  readonly name: string;
  /** What to do with it, where that is not just to give another file. */
  readonly fix?: string;
  /** The bytes that all such files have in one place, if they have any, as characters. */
  readonly signature?: string;
  /** Where the signature stands; at 0 unless given. */
  readonly at?: number;
}

const convert = 'import a network definition with its weights, which makes one';
const unpack = 'unpack it first';
const utf8 = 'save it as UTF-8';

/** All kinds, in the order in which their signatures are tried. */
const table = {
  definition: { kind: 'definition', name: 'a network definition of Caffe' },
  solver: { kind: 'solver', name: 'a solver of Caffe' },
  weights: { kind: 'weights', name: 'weights of Caffe (.caffemodel)' },
  state: { kind: 'solver state', name: 'a solver state of Caffe (.solverstate)' },
  mean: { kind: 'mean', name: 'a mean image of Caffe (.binaryproto)' },
  model: { kind: 'model', name: 'an ONNX model' },
  npy: { kind: 'array', name: 'a NumPy array', signature: '\x93NUMPY' },
  lmdb: { kind: 'database', name: 'an LMDB database', signature: '\xde\xc0\xef\xbe', at: 16 },
  jpeg: { kind: 'picture', name: 'a JPEG picture', signature: '\xff\xd8\xff' },
  png: { kind: 'picture', name: 'a PNG picture', signature: '\x89PNG' },
  gif: { kind: 'picture', name: 'a GIF picture', signature: 'GIF8' },
  webp: { kind: 'picture', name: 'a WebP picture', signature: 'WEBPVP8', at: 8 },
  hdf5: {
    kind: 'other',
    name: 'an HDF5 file (as Keras and Caffe save)',
    fix: "save the weights in Caffe's binary format, or export the model to ONNX",
    signature: '\x89HDF',
  },
  zip: {
    kind: 'other',
    name: 'an archive (as PyTorch and Keras save)',
    fix: `${unpack}, or export the model to ONNX`,
    signature: 'PK\x03\x04',
  },
  pickle: { kind: 'other', name: 'a pickle of Python', signature: '\x80\x02' },
  pickle3: { kind: 'other', name: 'a pickle of Python', signature: '\x80\x03' },
  pickle4: { kind: 'other', name: 'a pickle of Python', signature: '\x80\x04' },
  pickle5: { kind: 'other', name: 'a pickle of Python', signature: '\x80\x05' },
  gzip: { kind: 'other', name: 'a compressed file', fix: unpack, signature: '\x1f\x8b' },
  bzip2: { kind: 'other', name: 'a compressed file', fix: unpack, signature: '1AY&SY', at: 4 },
  xz: { kind: 'other', name: 'a compressed file', fix: unpack, signature: '\xfd7zXZ' },
  sevenZip: { kind: 'other', name: 'an archive', fix: unpack, signature: '7z\xbc\xaf' },
  rar: { kind: 'other', name: 'an archive', fix: unpack, signature: 'Rar!\x1a' },
  tar: { kind: 'other', name: 'an archive', fix: unpack, signature: 'ustar', at: 257 },
  tflite: { kind: 'other', name: 'a TensorFlow Lite model', signature: 'TFL3', at: 4 },
  matlab: { kind: 'other', name: 'a MATLAB file', signature: 'MATLAB 5.0' },
  pdf: { kind: 'other', name: 'a PDF document', signature: '%PDF' },
  pointer: {
    kind: 'other',
    name: 'a Git LFS pointer, not the file itself',
    fix: 'fetch the file with git lfs pull',
    signature: 'version https://git-lfs',
  },
  utf16: { kind: 'other', name: 'a text in UTF-16', fix: utf8, signature: '\xff\xfe' },
  utf16be: { kind: 'other', name: 'a text in UTF-16', fix: utf8, signature: '\xfe\xff' },
  page: {
    kind: 'other',
    name: 'a web page',
    fix: 'download the file itself: on GitHub by its Raw button',
  },
  conflict: {
    kind: 'other',
    name: 'a text with a merge conflict of Git in it',
    fix: 'keep one side of each conflict, without the marks',
  },
  text: { kind: 'text', name: 'a text file' },
  empty: { kind: 'empty', name: 'an empty file', fix: 'fetch or make it again' },
  unknown: { kind: 'unknown', name: 'no file that limn knows' },
} as const satisfies Readonly<Record<string, FileKind>>;

const signed = Object.values<FileKind>(table).filter(({ signature }) => signature !== undefined);

/** What to do with a file of one kind where another is wanted, if the one leads to the other. */
const leads: Readonly<Record<string, string>> = {
  'solver, not definition': 'give the network that its net names',
  'definition, not solver': 'give the solver whose net it is',
  'definition, not model': convert,
  'weights, not model': convert,
};

/** The kinds that readers of texts take: each says itself what is wrong with an empty one. */
export const texts = ['text', 'definition', 'solver', 'empty'] as const satisfies readonly FileKind['kind'][];

/** How many of a file's first bytes tell what it is. */
export const telling = 2 ** 16;

/** What a file is, by its beginning: {@link telling} bytes suffice but for comments of that length. */
export function fileKind(content: Uint8Array | string): FileKind {
  if (content.length === 0) return table.empty;
  const isText = typeof content === 'string';
  const byte = (i: number) => (isText ? content.charCodeAt(i) : content[i]);
  const found = signed.find(({ signature = '', at = 0 }) =>
    [...signature].every((char, i) => byte(at + i) === char.charCodeAt(0)),
  );
  if (found) return found;
  if (isText) return textKind(content.slice(0, telling));
  const bytes = content.subarray(0, telling);
  const start = new TextDecoder('latin1').decode(bytes);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what no text has
  if (/[\x00-\x08\x0e-\x1f\x7f]/.test(start)) return binaryKind(bytes);
  const kind = textKind(start);
  // Comments may be in any encoding, but a few bytes without control characters need not be a text.
  return kind !== table.text || /^[\t\r\n\x20-\x7e]{16,}$/.test(start) ? kind : table.unknown;
}

/**
 * Errors: a file that is recognisably of none of the kinds, named as what it is; the first of them is meant.
 * `wanted` says what that is: `an ONNX model`.
 */
export function refuseOthers(
  content: Uint8Array | string,
  file: string,
  wanted: string,
  ...kinds: readonly [FileKind['kind'], ...FileKind['kind'][]]
): void {
  const { kind, name, fix } = fileKind(content);
  if (kind === 'unknown' || kinds.includes(kind)) return;
  fail(file, `${name}, not ${wanted}`, leads[`${kind}, not ${kinds[0]}`] ?? fix ?? 'give another file');
}

/**
 * Errors: a HEIC photo, as iPhones take them. For a decoder that has failed on it: HEVC, which it is compressed by, needs a
 * licence, and is in few.
 */
export function refuseHeic(content: Uint8Array, file: string): void {
  // ISO/IEC 23008-12: a box `ftyp` with the brand of what follows.
  const brand = new TextDecoder('latin1').decode(content.subarray(4, 12));
  if (/^ftyp(?:hei[cxms]|hev[cxms]|mif1|msf1)$/.test(brand)) {
    fail(
      file,
      'a HEIC photo, whose compression (HEVC) cannot be read here',
      'save it as JPEG; iPhones take JPEG with Settings > Camera > Formats > Most Compatible',
    );
  }
}

/**
 * A text's bytes as UTF-8, without the mark that some editors put before it. `strict`: whether other bytes are an error,
 * as in a list, where they would be another path; otherwise they become U+FFFD, since comments come in all encodings.
 * Errors: a file of another kind, such as a picture or a web page.
 */
export function decodeText(bytes: Uint8Array, file: string, wanted: string, strict = false): string {
  refuseOthers(bytes, file, wanted, ...texts);
  try {
    return new TextDecoder('utf-8', { fatal: strict }).decode(bytes);
  } catch {
    return fail(file, `not a text file in UTF-8, so not ${wanted}`, 'give another file, or save it as UTF-8');
  }
}

/** A page that a browser or curl saved where a file was meant; GitHub's begin with empty lines. */
const page =
  /^(?:\uFEFF|\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->)[\s\S]){0,2000}-->\s*)*<(?:!doctype\s+html|html[\s>]|head[\s>])/i;

/** Whether Git left its marks where it could not merge. */
function hasConflict(text: string): boolean {
  const start = text.search(/^<{7} /m);
  return start >= 0 && /^>{7} /m.test(text.slice(start));
}

/** Fields at the top of one of Caffe's two text formats that the other does not have. */
const own: Readonly<Record<string, 'definition' | 'solver'>> = Object.fromEntries([
  ...['layer', 'layers', 'input', 'input_dim', 'input_shape', 'force_backward', 'state'].map(
    (name) => [name, 'definition'] as const,
  ),
  ...[
    ...['net', 'net_param', 'train_net', 'test_net', 'train_net_param', 'test_net_param', 'train_state'],
    ...['test_state', 'test_iter', 'test_interval', 'test_initialization', 'base_lr', 'lr_policy', 'gamma'],
    ...['power', 'momentum', 'weight_decay', 'regularization_type', 'stepsize', 'stepvalue', 'display'],
    ...['max_iter', 'iter_size', 'average_loss', 'snapshot', 'snapshot_prefix', 'solver_mode', 'solver_type'],
    ...['random_seed', 'type', 'weights', 'clip_gradients', 'warmup_iter', 'device_id'],
  ].map((name) => [name, 'solver'] as const),
]);

/** What a text is: by the first field outside braces that one format alone has. */
function textKind(text: string): FileKind {
  if (page.test(text)) return table.page;
  if (hasConflict(text)) return table.conflict;
  // No character is looked at more than a few times: a word is tried at its beginning only, a quote need not be closed.
  const pieces =
    /#[^\n]*|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?|[{}<>]|(?<!\w)[A-Za-z_]\w*(?!\w)(?=\s*[:{<])/g;
  let depth = 0;
  for (const [piece] of text.matchAll(pieces)) {
    if (piece === '{' || piece === '<') depth++;
    else if (piece === '}' || piece === '>') depth--;
    else if (depth === 0 && Object.hasOwn(own, piece)) return table[own[piece]];
  }
  return table.text;
}

/** What a protobuf message is: by the numbers and wire types of its fields. */
function binaryKind(bytes: Uint8Array): FileKind {
  const { fields, whole } = topFields(bytes);
  const has = (...names: readonly string[]) => names.every((name) => fields.has(name));
  // 100 is NetParameter's layer, 2 its layers of V1.
  if (has('100:2')) return table.weights;
  if (has('5:2') || has('5:5') || has('1:0', '2:0', '3:0', '4:0')) return table.mean;
  if (has('1:0', '7:2') || has('7:2', '8:2')) return table.model;
  // An ONNX model that ends before its graph begins looks much like this, but ends.
  const states = ['1:0', '2:2', '3:2', '4:0'];
  const isState = has('1:0', '3:2') && [...fields].every((name) => states.includes(name));
  if (isState && (has('4:0') || !whole)) return table.state;
  return has('1:2', '2:2') || [...fields].join() === '2:2' ? table.weights : table.unknown;
}

/**
 * The fields at a message's top, as `number:wire type`, as far as the bytes reach, and whether the last one ends there;
 * none where it is no message.
 */
function topFields(bytes: Uint8Array): { fields: ReadonlySet<string>; whole: boolean } {
  const fields = new Set<string>();
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; at < bytes.length; scale *= 128) {
      const byte = bytes[at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    return Number.POSITIVE_INFINITY;
  };
  while (at < bytes.length) {
    const tag = varint();
    const [number, wire] = [Math.floor(tag / 8), tag % 8];
    if (!(number >= 1 && number < 2 ** 29) || ![0, 1, 2, 5].includes(wire))
      return { fields: new Set(), whole: false };
    fields.add(`${number}:${wire}`);
    const length = wire === 1 ? 8 : wire === 5 ? 4 : varint();
    if (wire !== 0) at += length;
  }
  return { fields, whole: at === bytes.length };
}
