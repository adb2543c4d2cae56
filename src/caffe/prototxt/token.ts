import { fail } from '../../common/error.ts';
import { type Position, place } from '../position.ts';
import { readString } from './string.ts';

export type Token =
  | {
      readonly kind: 'identifier' | 'number' | 'symbol' | 'end';
      readonly text: string;
      readonly at: Position;
    }
  | { readonly kind: 'string'; readonly text: string; readonly bytes: Uint8Array; readonly at: Position };

const identifier = /[A-Za-z_][A-Za-z0-9_]*/y;
const number = /0[xX][0-9a-fA-F]+|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[fF]?/y;
const symbols = '{}<>[]:,;-';

/** The tokens of protobuf text format, ending with one of kind `end`; `file` names the text in errors. */
export function* tokens(text: string, file: string): Generator<Token, void> {
  let index = text.startsWith('\uFEFF') ? 1 : 0;
  let line = 1;
  let lineStart = index;
  const at = (): Position => ({ file, line, column: index - lineStart + 1 });
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = index;
    return pattern.exec(text)?.[0];
  };

  while (index < text.length) {
    const char = text[index];
    if (char === '\n') {
      line++;
      lineStart = ++index;
    } else if (char === ' ' || char === '\t' || char === '\r' || char === '\v' || char === '\f') {
      index++;
    } else if (char === '#') {
      const end = text.indexOf('\n', index);
      index = end < 0 ? text.length : end;
    } else if (char === '"' || char === "'") {
      const { bytes, end } = readString(text, index, at());
      yield { kind: 'string', text: text.slice(index, end), bytes, at: at() };
      index = end;
    } else {
      const word = match(identifier);
      const digits = word === undefined ? match(number) : undefined;
      const token = word ?? digits ?? (symbols.includes(char) ? char : undefined) ?? unexpected(char, at());
      yield { kind: word ? 'identifier' : digits ? 'number' : 'symbol', text: token, at: at() };
      index += token.length;
      if (digits && match(identifier)) {
        fail(
          place(at()),
          `unexpected "${match(identifier)}" after the number ${digits}`,
          'put a space between',
        );
      }
    }
  }
  yield { kind: 'end', text: 'the end of the file', at: at() };
}

function unexpected(char: string, at: Position): never {
  const binary = char < ' ' || char === '\uFFFD' || char === '\x7f';
  return fail(
    place(at),
    `unexpected character ${JSON.stringify(char)}`,
    binary ? 'this is no text file: pass a prototxt here' : undefined,
  );
}
