/** The one dialect of TypeScript here: no assertion that the compiler does not need (see CONTRIBUTING.md). */
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Kinds of types under which `!` may say something: nothing, or not known yet. */
const open =
  ts.TypeFlags.Null |
  ts.TypeFlags.Undefined |
  ts.TypeFlags.Void |
  ts.TypeFlags.Any |
  ts.TypeFlags.Unknown |
  ts.TypeFlags.TypeParameter |
  ts.TypeFlags.IndexedAccess;

function project(): ts.Program {
  const config = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile);
  const { options, fileNames } = ts.parseJsonConfigFileContent(config.config, ts.sys, root);
  return ts.createProgram(fileNames, options);
}

/** Whether an assertion leaves the type as it was. */
function needless(checker: ts.TypeChecker, node: ts.Node): boolean {
  if (ts.isNonNullExpression(node)) {
    const type = checker.getTypeAtLocation(node.expression);
    return (type.isUnion() ? type.types : [type]).every(({ flags }) => (flags & open) === 0);
  }
  if (ts.isAsExpression(node) && !ts.isConstTypeReference(node.type)) {
    const type = checker.getTypeAtLocation(node.expression);
    return (type.flags & ts.TypeFlags.Any) === 0 && type === checker.getTypeFromTypeNode(node.type);
  }
  return false;
}

test('no assertion is needless', () => {
  const program = project();
  const checker = program.getTypeChecker();
  const found: string[] = [];
  for (const file of program.getSourceFiles()) {
    if (file.isDeclarationFile || file.fileName.includes('/generated/')) continue;
    const visit = (node: ts.Node): void => {
      if (needless(checker, node)) {
        const { line } = file.getLineAndCharacterOfPosition(node.getEnd());
        found.push(`${file.fileName.slice(root.length)}:${line + 1}: ${node.getText(file)}`);
      }
      ts.forEachChild(node, visit);
    };
    visit(file);
  }
  expect(program.getSourceFiles().length).toBeGreaterThan(500);
  expect(found).toEqual([]);
}, 300_000);
