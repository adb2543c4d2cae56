import ts from 'typescript';
import type { Exported } from './symbols.ts';

const flags =
  ts.TypeFormatFlags.NoTruncation |
  ts.TypeFormatFlags.UseAliasDefinedOutsideCurrentScope |
  ts.TypeFormatFlags.UseSingleQuotesForStringLiteralType;

/** What is longer than this is broken into lines. */
const WIDTH = 100;

/** Tables of a thousand entries help nobody. */
const MOST = 1500;

/** How a name is declared, without what it does: a signature, an interface with its comments, a type. */
export function signatureOf(checker: ts.TypeChecker, { name, symbol, declaration }: Exported): string {
  if (symbol.flags & ts.SymbolFlags.ValueModule) return moduleText(checker, name, symbol);
  if (ts.isClassDeclaration(declaration)) return classText(checker, name, declaration);
  if (ts.isInterfaceDeclaration(declaration)) return declaration.getText().replace(/^export /, '');
  if (ts.isTypeAliasDeclaration(declaration)) return aliasText(checker, name, declaration);
  const type = checker.getTypeOfSymbolAtLocation(symbol, declaration);
  const calls = type.getCallSignatures();
  if (calls.length === 0) return `const ${name}: ${cut(checker.typeToString(type, declaration, flags))}`;
  return calls
    .map((call) => broken(`function ${name}${checker.signatureToString(call, declaration, flags)}`))
    .join('\n');
}

const cut = (text: string): string => (text.length > MOST ? `${text.slice(0, MOST)}…` : text);

/** A long signature with each of its parameters in a line. */
function broken(text: string): string {
  if (text.length <= WIDTH) return text;
  let depth = 0;
  let begun = false;
  let out = '';
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    const isArrow = char === '>' && text[i - 1] === '=';
    if ('([{<'.includes(char)) depth++;
    if (!isArrow && ')]}>'.includes(char)) depth--;
    // Type parameters stand before the parameters.
    if (char === '(' && depth === 1 && !begun) {
      begun = true;
      out += '(\n  ';
    } else if (char === ')' && depth === 0) return `${out},\n${text.slice(i)}`;
    else if (char === ',' && depth === 1 && begun) {
      out += ',\n  ';
      i++;
    } else out += char;
  }
  return out;
}

/** A type as it is written, or, where it is computed of something that is not exported, what it comes to. */
function aliasText(checker: ts.TypeChecker, name: string, declaration: ts.TypeAliasDeclaration): string {
  const text = declaration.getText().replace(/^export /, '');
  if (!/\btypeof\b|\bv\.Infer/.test(text)) return text;
  const type = checker.getTypeAtLocation(declaration.name);
  const parts = type.isUnion() ? type.types : [type];
  const isRecord = (part: ts.Type) =>
    (part.flags & ts.TypeFlags.Object) !== 0 && checker.getIndexInfosOfType(part).length === 0;
  const written = parts.every(isRecord)
    ? parts.map((part) => recordText(checker, part, declaration)).join(' | ')
    : checker.typeToString(type, declaration, flags | ts.TypeFormatFlags.InTypeAlias);
  return `type ${name} = ${cut(written)}`;
}

/** The fields of a type with their comments. */
function recordText(checker: ts.TypeChecker, type: ts.Type, at: ts.Node): string {
  const file = at.getSourceFile();
  // What must be given first, and what several types share last.
  const rank = ({ flags: of, declarations }: ts.Symbol): number =>
    (of & ts.SymbolFlags.Optional ? 2 : 0) + (declarations?.[0]?.getSourceFile() === file ? 0 : 1);
  const fields = [...checker.getPropertiesOfType(type)].sort((a, b) => rank(a) - rank(b));
  return `{\n${fields.map((field) => fieldText(checker, field, at)).join('')}}`;
}

function fieldText(checker: ts.TypeChecker, field: ts.Symbol, at: ts.Node): string {
  const isOptional = (field.flags & ts.SymbolFlags.Optional) !== 0;
  const type = checker.typeToString(checker.getTypeOfSymbolAtLocation(field, at), at, flags);
  const comment = ts.displayPartsToString(field.getDocumentationComment(checker));
  const said = comment === '' ? '' : `  /** ${comment.replaceAll('\n', '\n   * ')} */\n`;
  return `${said}  ${field.name}${isOptional ? '?' : ''}: ${isOptional ? type.replace(/ \| undefined$/, '') : type};\n`;
}

/** The public members of a class. */
function classText(checker: ts.TypeChecker, name: string, declaration: ts.ClassDeclaration): string {
  const heritage = declaration.heritageClauses?.map((clause) => ` ${clause.getText()}`).join('') ?? '';
  const members = declaration.members.flatMap((member) => {
    const isHidden =
      ts.getCombinedModifierFlags(member) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected);
    if (isHidden || (member.name && ts.isPrivateIdentifier(member.name))) return [];
    if (ts.isConstructorDeclaration(member)) {
      const signature = checker.getSignatureFromDeclaration(member)!;
      const text = checker.signatureToString(signature, member, flags).replace(/: \w+$/, '');
      return [`  constructor${text};\n`];
    }
    const symbol = member.name && checker.getSymbolAtLocation(member.name);
    return symbol ? [fieldText(checker, symbol, member)] : [];
  });
  return `class ${name}${heritage} {\n${members.join('')}}`;
}

/** What a group of names holds. */
function moduleText(checker: ts.TypeChecker, name: string, symbol: ts.Symbol): string {
  const names = checker.getExportsOfModule(symbol).flatMap((each) => {
    const [declaration] = each.declarations ?? [];
    return declaration ? [fieldText(checker, each, declaration)] : [];
  });
  return `namespace ${name} {\n${names.join('')}}`;
}
