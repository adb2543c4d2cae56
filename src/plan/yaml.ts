import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import { fail } from '../common/error.ts';
import { checkTextSize } from '../common/limits.ts';
import { quoted } from '../common/quoted.ts';

/** A value as text, and where it stands: `spec.yaml:3:12`. */
export interface YamlText {
  readonly text: string;
  readonly where: string;
}

/** A field of a mapping. */
export interface YamlEntry {
  readonly name: string;
  readonly value: unknown;
  readonly where: string;
  readonly isMap: boolean;
  /** `~`, or nothing. */
  readonly isNone: boolean;
}

/** A YAML document's root, and where a node of it stands. Errors: no YAML, with line and column. */
export function parseYaml(text: string, file: string): { root: unknown; at: (node: unknown) => string } {
  checkTextSize(text, file);
  const lines = new LineCounter();
  // Names are held against each other by entriesOf: the library compares every one with every other.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const [error] = document.errors;
  if (error) {
    const what = error.message.split('\n')[0];
    if (/call stack/.test(what)) fail(place(error.pos[0]), 'values are nested too deep');
    fail(place(error.pos[0]), `no YAML: ${what[0].toLowerCase()}${what.slice(1)}`);
  }
  return {
    root: document.contents,
    at: (node) => {
      const range = (node as { range?: readonly number[] | null } | null)?.range;
      return range ? place(range[0]) : file;
    },
  };
}

/** The fields of a mapping in their order. Errors: no mapping; a name twice, or not among `known`, where those are given. */
export function entriesOf(
  node: unknown,
  at: (node: unknown) => string,
  where: string,
  known?: readonly string[],
): YamlEntry[] {
  if (isScalar(node) && node.value === null) return [];
  if (!isMap(node)) fail(node ? at(node) : where, 'expected fields, as name: value');
  const names = new Set<string>();
  return node.items.map(({ key, value }) => {
    const { text: name, where: place } = yamlScalar(key, at);
    if (names.has(name)) fail(place, `${quoted(name)} is there twice`, 'keep one of them');
    names.add(name);
    if (known && !known.includes(name))
      fail(place, `unknown field ${quoted(name)}`, `there are ${known.join(', ')}`);
    const isNone = value === null || (isScalar(value) && value.value === null);
    return { name, value, where: place, isMap: isMap(value), isNone };
  });
}

/** A single value as it is written; numbers keep their digits. Errors: none, or several. */
export function yamlScalar(node: unknown, at: (node: unknown) => string): YamlText {
  if (isAlias(node)) {
    fail(
      at(node),
      `*${node.source} refers to something that is not there`,
      `a pattern needs quotes: '*${node.source}'`,
    );
  }
  if (!isScalar(node) || node.value === null) fail(at(node), 'expected one value');
  const text = typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
  return { text, where: at(node) };
}

/** One value or a list of them. */
export const yamlScalars = (node: unknown, at: (node: unknown) => string): YamlText[] =>
  isSeq(node) ? node.items.map((item) => yamlScalar(item, at)) : [yamlScalar(node, at)];
