import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { code, complete, page, table } from './markdown.ts';

const purposes: Readonly<Record<string, string>> = {
  limn: 'What most programs need, whatever the host.',
  'limn/attribution': 'Explanations: every method behind one interface, targets in words.',
  'limn/faces': 'Faces in photos: found, with 68 landmarks, cut out in place.',
  'limn/caffe': 'Caffe’s files: definitions, weights, means, solvers; networks from them and back.',
  'limn/classifier':
    'A model ready to be asked: head, classes, link, preparation, batches of any size, ranking.',
  'limn/clusters':
    'What heatmaps have in common: neighbours, spectral embedding, clusters, what is peculiar to each.',
  'limn/concepts':
    'What the channels of a network stand for: conditional relevance, reference photos, receptive fields.',
  'limn/data': 'Labelled photos: Adience’s folds and lists, squares, LMDB databases, mean images.',
  'limn/faithfulness':
    'Whether explanations are true: perturbation curves, random subsets, randomisation, and what follows.',
  'limn/evaluation':
    'Predictions of labelled photos, measures, comparisons with intervals and tests, result folders.',
  'limn/gradient': 'Reverse mode over a graph.',
  'limn/graph': 'Graphs, tensors, models and what is known about them.',
  'limn/image': 'Photos to tensors, relevance to pictures; `.npy` and `_rawhm.txt`. Colours, figures.',
  'limn/models': 'Networks whose weights come from other npm packages.',
  'limn/node':
    'What limn needs of Node: a host for verbs, verbs in one call, sessions, worker threads, files.',
  'limn/onnx': '`.onnx` files.',
  'limn/operators':
    'What limn knows of each operator: shapes, vector–Jacobian product, role in relevance propagation.',
  'limn/plan':
    'Plans of units: specifications, plans, what a unit is asked, and the interface of what does them.',
  'limn/relevance': 'LRP: rules, composites, formula codes, relevance graphs, conservation.',
  'limn/report': 'Comparisons in words, tables, charts and pages.',
  'limn/runtime': 'Sessions on ONNX Runtime: the interface of both hosts.',
  'limn/training':
    'Caffe’s solver: settings, learning rates, update rules, fillers, and training steps as graphs.',
  'limn/verbs': 'What limn can do, as functions from a request to events and a result, on any host.',
  'limn/web':
    'What limn needs of the browser: a host for verbs, verbs in one call, sessions, photos in and out.',
};

interface Entry {
  readonly name: string;
  readonly file: string;
}

/** The entries of the package by the name that programs import, with their source files. */
function entries(): Entry[] {
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    exports: Record<string, string | { default: string }>;
  };
  return Object.entries(exports).flatMap(([path, target]) =>
    typeof target === 'string'
      ? []
      : [
          {
            name: `limn${path.slice(1)}`,
            file: target.default.replace('./dist/', 'src/').replace(/\.js$/, '.ts'),
          },
        ],
  );
}

/** The reference of the library: every export with its type and the first sentence of its description. */
export function libraryPage(): string {
  const all = entries();
  const texts = complete('entries', all.map(({ name }) => name).sort(), purposes);
  const program = ts.createProgram(
    all.map(({ file }) => file),
    {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
      types: ['node'],
      strict: true,
      noEmit: true,
      allowImportingTsExtensions: true,
      skipLibCheck: true,
    },
  );
  const checker = program.getTypeChecker();
  const sections = texts.flatMap(([name, purpose]) => {
    const { file } = all.find((entry) => entry.name === name)!;
    const module = checker.getSymbolAtLocation(program.getSourceFile(file)!)!;
    const found = checker
      .getExportsOfModule(module)
      .map((symbol) => describe(checker, symbol))
      .filter((row) => row !== undefined)
      .sort(([a], [b]) => (a.replaceAll('`', '') < b.replaceAll('`', '') ? -1 : 1));
    return [`## ${name}`, purpose, table(['name', 'type', 'what'], found)];
  });
  return page(
    'Library',
    'Every name that the package exports, by the sub-path under which it is imported. Types are part of the package; an editor ' +
      'shows the whole description of each.',
    "```ts\nimport { explain } from 'limn';\nimport { loadModel, nodeRuntime } from 'limn/node';\n\nconsole.log(typeof explain, typeof loadModel, typeof nodeRuntime);\n```",
    'Functions take and return plain data and change nothing that they are given. What is wrong with what they are given is a ' +
      '`LimnError`; see [errors](errors.md). `limn/caffe` also exports the messages and enumerations of Caffe’s protobuf ' +
      'definition (`NetParameter`, `LayerParameter` and so on), which are not listed.',
    ...sections,
  );
}

/** A row: name, type, first sentence. Undefined for what is generated from protobuf definitions. */
function describe(checker: ts.TypeChecker, given: ts.Symbol): string[] | undefined {
  const symbol = given.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(given) : given;
  const declaration = symbol.declarations?.[0];
  if (!declaration || declaration.getSourceFile().fileName.includes('/generated/')) return undefined;
  const text = ts.displayPartsToString(symbol.getDocumentationComment(checker)).replace(/\s+/g, ' ');
  const [sentence = ''] = /^.*?(?<! al)[.:](?= [A-Z`-]|$)/.exec(text) ?? [text];
  const what = sentence.replace(/\{@link (\w+)\}/g, '`$1`').replace(/:$/, '.');
  return [code(given.name), code(typeOf(checker, symbol, declaration)), what];
}

function typeOf(checker: ts.TypeChecker, symbol: ts.Symbol, declaration: ts.Declaration): string {
  if (symbol.flags & ts.SymbolFlags.ValueModule) return 'module';
  if (symbol.flags & ts.SymbolFlags.Class) return 'class';
  if (symbol.flags & ts.SymbolFlags.Interface) return 'interface';
  if (symbol.flags & ts.SymbolFlags.TypeAlias) return 'type';
  const type = checker.getTypeOfSymbolAtLocation(symbol, declaration);
  const flags = ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.UseAliasDefinedOutsideCurrentScope;
  const text = checker.typeToString(type, declaration, flags).replace(/\s+/g, ' ');
  return text.length > 260 ? `${text.slice(0, 259)}…` : text;
}
