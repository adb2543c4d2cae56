/** One word, one meaning: no two rooms export the same name for different things (see CONTRIBUTING.md). */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';

const src = fileURLToPath(new URL('../src/', import.meta.url));

/** Where there is an entry for each operator or layer, under its name, in one table per folder. */
const tables = ['operators/', 'onnx/upgrade/', 'caffe/layers/', 'caffe/export/', 'caffe/training/'];
const isEntry = (file: string) => tables.some((folder) => file.startsWith(folder));

/** Names that several files may declare, and why. */
const allowed: Readonly<Record<string, string>> = {
  classify: 'the verb, and the same in one call in Node and in a page',
  explain: 'a batch, the verb for photos, and the same in one call in Node and in a page',
};

/** The names that a file declares and exports; what it passes on from others is declared there. */
function declared(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(src + file, 'utf8'), ts.ScriptTarget.Latest);
  return source.statements.flatMap((statement) => {
    const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
    if (!modifiers.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) return [];
    if (ts.isVariableStatement(statement))
      return statement.declarationList.declarations.flatMap(({ name }) => namesIn(name));
    const { name } = statement as ts.DeclarationStatement;
    return name && ts.isIdentifier(name) ? [name.text] : [];
  });
}

const namesIn = (name: ts.BindingName): string[] =>
  ts.isIdentifier(name)
    ? [name.text]
    : name.elements.flatMap((element) => (ts.isBindingElement(element) ? namesIn(element.name) : []));

/** A file that stands for the same in Node and in a page counts once. */
const hostless = (file: string) => file.replace(/\.(node|web)\.ts$/, '.ts');

test('no exported name has two meanings', () => {
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(
    (file) => /(?<!\.d)\.ts$/.test(file) && !file.includes('/generated/'),
  );
  const places = new Map<string, Set<string>>();
  for (const file of files) {
    for (const name of declared(file))
      places.set(name, (places.get(name) ?? new Set<string>()).add(hostless(file)));
  }
  const several = [...places].filter(([, where]) => where.size > 1 && ![...where].every(isEntry));
  expect(places.size).toBeGreaterThan(1000);
  expect(several.filter(([name]) => !(name in allowed)).map(([name, where]) => [name, ...where])).toEqual([]);
  // No exception that is none any more.
  expect(several.map(([name]) => name)).toEqual(expect.arrayContaining(Object.keys(allowed)));
});
