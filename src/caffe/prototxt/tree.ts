import { concatenate } from '../../common/bytes.ts';
import { fail } from '../../common/error.ts';
import { checkTextSize } from '../../common/limits.ts';
import { clipped } from '../../common/quoted.ts';
import { type Position, place } from '../position.ts';
import { type Token, tokens } from './token.ts';

/** A value as written, before anyone knows its type. */
export type Value = Word | Text | Block;

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
export interface Block {
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
export function parseTree(text: string, file: string): Block {
  checkTextSize(text, file);
  const stream = tokens(text, file);
  let token = stream.next().value as Token;

  const next = (): Token => {
    const taken = token;
    if (taken.kind !== 'end') token = stream.next().value as Token;
    return taken;
  };
  const accept = (symbol: string): boolean => {
    const found = token.kind === 'symbol' && token.text === symbol;
    if (found) next();
    return found;
  };
  const expected = (what: string, fix?: string): never =>
    fail(place(token.at), `expected ${what}, got ${clipped(token.text, 40)}`, fix);

  function fields(close: string | undefined, open: Token, depth: number): TextField[] {
    if (depth > maxDepth) fail(place(open.at), `messages are nested more than ${maxDepth} deep`);
    const found: TextField[] = [];
    while (!(close === undefined ? token.kind === 'end' : accept(close))) {
      if (token.kind === 'end') {
        fail(place(open.at), `this ${open.text} is never closed`, `add the missing ${close}`);
      }
      field(found, depth);
    }
    return found;
  }

  function field(into: TextField[], depth: number): void {
    if (token.kind !== 'identifier') expected('a field name');
    const { text: name, at } = next();
    const colon = accept(':');
    if (accept('[')) {
      while (!accept(']')) {
        into.push({ name, value: value(colon, name, depth), at });
        if (!accept(',') && !(token.kind === 'symbol' && token.text === ']')) expected('"," or "]"');
      }
    } else {
      into.push({ name, value: value(colon, name, depth), at });
    }
    if (!accept(',')) accept(';');
  }

  function value(colon: boolean, name: string, depth: number): Value {
    const open = token;
    if (accept('{')) return { kind: 'block', fields: fields('}', open, depth + 1), at: open.at };
    if (accept('<')) return { kind: 'block', fields: fields('>', open, depth + 1), at: open.at };
    if (!colon) expected(`":" or "{" after ${name}`);
    if (token.kind === 'string') {
      const parts: Uint8Array[] = [];
      while (token.kind === 'string') {
        parts.push(token.bytes);
        next();
      }
      return { kind: 'string', bytes: concatenate(parts), at: open.at };
    }
    const negative = accept('-');
    if (token.kind !== 'number' && token.kind !== 'identifier') return expected(`a value for ${name}`);
    const { kind, text } = token;
    next();
    return { kind, text, negative, at: open.at };
  }

  const start = token;
  return { kind: 'block', fields: fields(undefined, start, 0), at: start.at };
}
