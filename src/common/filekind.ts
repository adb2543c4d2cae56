/**
 * What a file is by its contents; its name says nothing certain. `definition`, `solver`, `weights`, `solver state` and
 * `mean` are Caffe's, `model` is ONNX's; `text` is any other text, `unknown` what nothing is known of.
 */
export interface FileKind {
  readonly kind:
    | 'definition'
    | 'solver'
    | 'weights'
    | 'solver state'
    | 'mean'
    | 'model'
    | 'text'
    | 'other'
    | 'unknown';
  /** For errors: "a web page". */
  readonly text: string;
  /** What to do with it before it can be read, where that is not just another file. */
  readonly fix?: string;
}

const other = (text: string, fix?: string): FileKind => ({ kind: 'other', text, ...(fix && { fix }) });

/** What files begin with. */
const signatures: readonly (readonly [FileKind, string])[] = [
  [other('a JPEG picture'), '\xff\xd8\xff'],
  [other('a PNG picture'), '\x89PNG'],
  [other('a GIF picture'), 'GIF8'],
  [other('a PDF document'), '%PDF'],
  [other('an archive (as PyTorch and Keras save)', 'unpack it first'), 'PK\x03\x04'],
  [other('a compressed file', 'unpack it first'), '\x1f\x8b'],
  [other('an HDF5 file', "save the weights in Caffe's binary format"), '\x89HDF'],
  [other('a NumPy array'), '\x93NUMPY'],
  [other('a Git LFS pointer, not the file itself', 'fetch it with git lfs pull'), 'version https://git-lfs'],
];

const kinds = {
  definition: { kind: 'definition', text: 'a network definition of Caffe' },
  solver: { kind: 'solver', text: 'a solver of Caffe' },
  weights: { kind: 'weights', text: 'a .caffemodel, weights of Caffe' },
  state: { kind: 'solver state', text: 'a .solverstate of Caffe' },
  mean: { kind: 'mean', text: 'a mean image of Caffe' },
  model: { kind: 'model', text: 'an ONNX model' },
  page: other('a web page', 'download the file itself, in its raw form'),
  text: { kind: 'text', text: 'a text file' },
  empty: other('an empty file'),
  unknown: { kind: 'unknown', text: 'no file that limn knows' },
} as const satisfies Readonly<Record<string, FileKind>>;

/** How much of a file's beginning tells what it is. */
export const telling = 2 ** 16;

/** What a file is, by its beginning ({@link telling} bytes suffice but for comments of that length). */
export function fileKind(bytes: Uint8Array): FileKind {
  if (bytes.length === 0) return kinds.empty;
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, telling));
  const signed = signatures.find(([, signature]) => start.startsWith(signature));
  if (signed) return signed[0];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what no text has
  if (/[\x00-\x08\x0e-\x1f\x7f]/.test(start)) return binaryKind(bytes.subarray(0, telling));
  const kind = textKind(start);
  // Comments may be in any encoding, but a few bytes without control characters need not be a text.
  return kind !== kinds.text || /^[\t\r\n\x20-\x7e]{16,}$/.test(start) ? kind : kinds.unknown;
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
export function textKind(text: string): FileKind {
  if (/^\uFEFF?\s*<(!doctype|html|\?xml)/i.test(text)) return kinds.page;
  const pieces = /#[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|[{}<>]|[A-Za-z_]\w*(?=\s*[:{<])/g;
  let depth = 0;
  for (const [piece] of text.matchAll(pieces)) {
    if (piece === '{' || piece === '<') depth++;
    else if (piece === '}' || piece === '>') depth--;
    else if (depth === 0 && Object.hasOwn(own, piece)) return kinds[own[piece]!];
  }
  return kinds.text;
}

/** What a protobuf message is: by the numbers and wire types of its fields. */
function binaryKind(bytes: Uint8Array): FileKind {
  const { fields, whole } = topFields(bytes);
  const has = (...names: readonly string[]) => names.every((name) => fields.has(name));
  // 100 is NetParameter's layer, 2 its layers of V1.
  if (has('100:2')) return kinds.weights;
  if (has('5:2') || has('5:5') || has('1:0', '2:0', '3:0', '4:0')) return kinds.mean;
  if (has('1:0', '7:2') || has('7:2', '8:2')) return kinds.model;
  // An ONNX model that ends before its graph begins looks much like this, but ends.
  const states = ['1:0', '2:2', '3:2', '4:0'];
  const isState = has('1:0', '3:2') && [...fields].every((name) => states.includes(name));
  if (isState && (has('4:0') || !whole)) return kinds.state;
  return has('1:2', '2:2') || [...fields].join() === '2:2' ? kinds.weights : kinds.unknown;
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
      const byte = bytes[at++]!;
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
