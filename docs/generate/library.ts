import ts from 'typescript';
import { code, complete, page, table } from './markdown.ts';
import { purposes } from './purposes.ts';
import { signatureOf } from './signature.ts';
import { type Exported, type Exports, entries, readExports } from './symbols.ts';

/* The reference of the library: a page for each sub-path of the package, with every name that it exports. */

const all = entries();

/** All types are read once for all pages. */
let known: Exports | undefined;
const exported = (): Exports => {
  known ??= readExports(all);
  return known;
};

/** The pages by their paths below docs/reference. */
export const libraryPages: Readonly<Record<string, () => string>> = {
  'library.md': indexPage,
  ...Object.fromEntries(all.map(({ name }) => [`library/${fileOf(name)}`, () => entryPage(name)])),
};

/** `limn/attribution` → `attribution.md`. */
function fileOf(entry: string): string {
  return `${entry.replace('limn/', '')}.md`;
}

function indexPage(): string {
  const texts = complete('entries', all.map(({ name }) => name).sort(), purposes);
  return page(
    'Library',
    'Every name that the package exports, by the sub-path under which it is imported. Types are part of the package; an editor ' +
      'shows the same descriptions.',
    "```ts\nimport { explain } from 'limn';\nimport { loadModel, nodeRuntime } from 'limn/node';\n\nconsole.log(typeof explain, typeof loadModel, typeof nodeRuntime);\n```",
    'Functions take and return plain data and change nothing that they are given. What is wrong with what they are given is a ' +
      '`LimnError`; see [errors](errors.md).',
    table(
      ['import from', 'what', 'names'],
      texts.map(([name, purpose]) => [
        `[${code(name)}](library/${fileOf(name)})`,
        purpose,
        String(exported().of.get(name)!.length),
      ]),
    ),
  );
}

function entryPage(entry: string): string {
  const { checker, of } = exported();
  const names = of.get(entry)!;
  const anchors = anchorsOf(names.filter(({ home }) => home === entry));
  const rows = names.map((each) => {
    const to = each.home === entry ? `#${anchors.get(each)}` : `${fileOf(each.home)}#${anchorIn(of, each)}`;
    return [`[${code(each.name)}](${to})`, firstSentence(described(checker, each))];
  });
  const sections = names
    .filter(({ home }) => home === entry)
    .flatMap((each) => section(checker, each, anchors));
  return page(
    entry,
    `${purposes[entry]} [All of the library](../library.md).`,
    ...setUp(sections),
    ...(entry === 'limn/caffe'
      ? [
          'Besides, it exports the messages and enumerations of Caffe’s protobuf definition (`NetParameter`, `LayerParameter` ' +
            'and so on), which are not listed.',
        ]
      : []),
    table(['name', 'what'], rows),
    ...sections,
  );
}

const MODEL = 'models/face-api-age-gender.onnx';

/** What examples need that they do not make. */
const setUp = (sections: readonly string[]): string[] =>
  sections.some((text) => text.startsWith('```ts\n') && text.includes(MODEL))
    ? ['The examples ask this model:', '```sh\nlimn import face-api -o models\n```']
    : [];

/** The anchors of names' headings: a second one that is read alike is numbered. */
function anchorsOf(names: readonly Exported[]): Map<Exported, string> {
  const seen = new Map<string, number>();
  return new Map(
    names.map((each) => {
      const anchor = each.name.toLowerCase();
      const before = seen.get(anchor) ?? 0;
      seen.set(anchor, before + 1);
      return [each, before === 0 ? anchor : `${anchor}-${before}`];
    }),
  );
}

function anchorIn(of: Exports['of'], { home, symbol }: Exported): string {
  const there = of.get(home)!.filter((each) => each.home === home);
  const anchors = anchorsOf(there);
  return anchors.get(there.find((each) => each.symbol === symbol)!)!;
}

/** What a name is, in the words of its source. Errors: it has none. */
function described(checker: ts.TypeChecker, { name, symbol, declaration }: Exported): string {
  const parts = symbol.getDocumentationComment(checker);
  // A group of names has the comment at the head of its file.
  const text = ts.displayPartsToString(parts) || headOf(declaration.getSourceFile());
  if (text === '') throw new Error(`${declaration.getSourceFile().fileName}: write about ${name}`);
  return text;
}

function headOf(file: ts.SourceFile): string {
  const [, text = ''] = /\/\*\*?\s*([\s\S]*?)\s*\*\//.exec(file.getFullText()) ?? [];
  return text.replace(/\n \* ?/g, '\n');
}

function firstSentence(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  const [sentence = ''] = /^.*?(?<! al)[.:](?= [A-Z`-]|$)/.exec(line) ?? [line];
  return prose(sentence.replace(/:$/, '.'), () => undefined);
}

/** `{@link name}` as a link where the page has that name, or else as code. */
const prose = (text: string, anchor: (name: string) => string | undefined): string =>
  text.replace(/\{@link (\w+)\}/g, (_, name: string) => {
    const to = anchor(name);
    return to === undefined ? code(name) : `[${code(name)}](#${to})`;
  });

function section(checker: ts.TypeChecker, each: Exported, anchors: ReadonlyMap<Exported, string>): string[] {
  const anchor = (name: string) => [...anchors].find(([other]) => other.name === name)?.[1];
  const examples = each.symbol
    .getJsDocTags(checker)
    .filter(({ name }) => name === 'example')
    .map(({ text }) => ts.displayPartsToString(text).trim());
  return [
    `## ${code(each.name)}`,
    prose(described(checker, each), anchor),
    `\`\`\`typescript\n${signatureOf(checker, each)}\n\`\`\``,
    ...examples.map((text) =>
      each.home === 'limn/web' ? `<!-- test: skip, it needs a browser -->\n${text}` : text,
    ),
  ];
}
