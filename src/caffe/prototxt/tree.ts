import { concatenate } from '../../common/bytes.ts';
import { fail } from '../../common/error.ts';
import { checkTextSize } from '../../common/limits.ts';
import { clipped } from '../../common/quoted.ts';
import { type Position, place } from '../position.ts';
import { type Token, tokens } from './token.ts';

/** A value as written, before anyone knows its type. */
export type Value = Word | Text | TextBlock;

/** A number or an identifier. */
export interface Word {
  readonly kind: 'identifier' | 'number';
  /** As written, without the sign. */
  readonly text: string;
  readonly negative: boolean;
  readonly at: Position;
}

/** A string, adjacent pieces joined. */
export interface Text {
  readonly kind: 'string';
  readonly bytes: Uint8Array;
  readonly at: Position;
}

/** A message in braces, or a whole file. */
export interface TextBlock {
  readonly kind: 'block';
  readonly fields: readonly TextField[];
  readonly at: Position;
}

/** One `name: value`; a list `name: [a, b]` is as many fields. */
export interface TextField {
  readonly name: string;
  readonly value: Value;
  readonly at: Position;
}

/** Deeper nesting than any Caffe file has; a limit, so that damaged files cannot exhaust the stack. */
const maxDepth = 100;

/** Reads protobuf text format into a tree of untyped fields. `file` names the text in errors. */
export function parseTree(text: string, file: string): TextBlock {
  checkTextSize(text, file);
  const stream = new TokenStream(tokens(text, file));
  const start = stream.token;
  return { kind: 'block', fields: readFields(stream, undefined, start, 0), at: start.at };
}

/** Tokens, of which the next can be looked at before it is taken. */
class TokenStream {
  /** The next one; the last stays. */
  token: Token;
  readonly #rest: Generator<Token, void>;

  constructor(rest: Generator<Token, void>) {
    this.#rest = rest;
    this.token = rest.next().value as Token;
  }

  next(): Token {
    const taken = this.token;
    if (taken.kind !== 'end') this.token = this.#rest.next().value as Token;
    return taken;
  }

  /** Whether the next token is a symbol. */
  is(symbol: string): boolean {
    return this.token.kind === 'symbol' && this.token.text === symbol;
  }

  /** Takes the next token if it is a symbol; whether that is so. */
  accept(symbol: string): boolean {
    const found = this.is(symbol);
    if (found) this.next();
    return found;
  }

  /** Ends with an error about the next token. */
  expected(what: string): never {
    return fail(place(this.token.at), `expected ${what}, got ${clipped(this.token.text, 40)}`);
  }
}

/** The fields up to `close`, or to the text's end. */
function readFields(stream: TokenStream, close: string | undefined, open: Token, depth: number): TextField[] {
  if (depth > maxDepth) fail(place(open.at), `messages are nested more than ${maxDepth} deep`);
  const found: TextField[] = [];
  while (!(close === undefined ? stream.token.kind === 'end' : stream.accept(close))) {
    if (stream.token.kind === 'end') {
      fail(place(open.at), `this ${open.text} is never closed`, `add the missing ${close}`);
    }
    readField(stream, found, depth);
  }
  return found;
}

function readField(stream: TokenStream, into: TextField[], depth: number): void {
  if (stream.token.kind !== 'identifier') stream.expected('a field name');
  const { text: name, at } = stream.next();
  const colon = stream.accept(':');
  if (stream.accept('[')) {
    while (!stream.accept(']')) {
      into.push({ name, value: readValue(stream, colon, name, depth), at });
      if (!stream.accept(',') && !stream.is(']')) stream.expected('"," or "]"');
    }
  } else {
    into.push({ name, value: readValue(stream, colon, name, depth), at });
  }
  if (!stream.accept(',')) stream.accept(';');
}

function readValue(stream: TokenStream, colon: boolean, name: string, depth: number): Value {
  const open = stream.token;
  const { at } = open;
  if (stream.accept('{')) return { kind: 'block', fields: readFields(stream, '}', open, depth + 1), at };
  if (stream.accept('<')) return { kind: 'block', fields: readFields(stream, '>', open, depth + 1), at };
  if (!colon) stream.expected(`":" or "{" after ${name}`);
  if (open.kind === 'string') return { kind: 'string', bytes: readAdjacent(stream), at };
  const negative = stream.accept('-');
  const { kind, text } = stream.token;
  if (kind !== 'number' && kind !== 'identifier') return stream.expected(`a value for ${name}`);
  stream.next();
  return { kind, text, negative, at };
}

/** The pieces of a string, joined. */
function readAdjacent(stream: TokenStream): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let { token } = stream; token.kind === 'string'; token = stream.token) {
    parts.push(token.bytes);
    stream.next();
  }
  return concatenate(parts);
}
