import { readFileSync } from 'node:fs';
import ts from 'typescript';

/** A sub-path of the package, and the source file that it is made of. */
export interface Entry {
  /** As programs import it: `limn/attribution`. */
  readonly name: string;
  readonly file: string;
}

/** The sub-paths of the package. */
export function entries(): Entry[] {
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    exports: Record<string, string | { default: string }>;
  };
  return Object.entries(exports).flatMap(([path, target]) => {
    if (typeof target === 'string') return [];
    const file = target.default.replace('./dist/', 'src/').replace(/\.js$/, '.ts');
    return [{ name: `limn${path.slice(1)}`, file }];
  });
}

/** A name that an entry exports. */
export interface Exported {
  readonly name: string;
  readonly symbol: ts.Symbol;
  readonly declaration: ts.Declaration;
  /** The entry whose page describes it: that of its own room, if several export it. */
  readonly home: string;
}

/** What the entries export, by their names, each in the order of the alphabet; and the checker that knows the types. */
export interface Exports {
  readonly checker: ts.TypeChecker;
  readonly of: ReadonlyMap<string, readonly Exported[]>;
}

/** Reads the types of all that the package exports, but for what is generated from protobuf definitions. */
export function readExports(all: readonly Entry[]): Exports {
  const program = ts.createProgram(
    all.map(({ file }) => file),
    {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
      types: ['node'],
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      allowImportingTsExtensions: true,
      skipLibCheck: true,
    },
  );
  const checker = program.getTypeChecker();
  const found = all.map(({ name, file }) => {
    const module = checker.getSymbolAtLocation(program.getSourceFile(file)!)!;
    const symbols = checker.getExportsOfModule(module).flatMap((given) => {
      const symbol = given.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(given) : given;
      const declaration = symbol.declarations?.[0];
      const isOurs = declaration && !declaration.getSourceFile().fileName.includes('/generated/');
      return isOurs ? [{ name: given.name, symbol, declaration }] : [];
    });
    return { entry: name, symbols: symbols.sort((a, b) => (a.name < b.name ? -1 : 1)) };
  });
  const homeOf = (symbol: ts.Symbol, declaration: ts.Declaration): string => {
    const exporting = found.filter(({ symbols }) => symbols.some((each) => each.symbol === symbol));
    const [, room] = /\/src\/(\w+)\//.exec(declaration.getSourceFile().fileName) ?? [];
    const names = exporting.map(({ entry }) => entry);
    return (
      names.find((entry) => entry === `limn/${room}`) ?? names.find((entry) => entry !== 'limn') ?? 'limn'
    );
  };
  return {
    checker,
    of: new Map(
      found.map(({ entry, symbols }) => [
        entry,
        symbols.map((each) => ({ ...each, home: homeOf(each.symbol, each.declaration) })),
      ]),
    ),
  };
}
