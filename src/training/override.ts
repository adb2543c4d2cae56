import { isFieldSet } from '@bufbuild/protobuf';
import { copyWith, parseSolver, type SolverParameter, SolverParameterSchema } from '../caffe/index.ts';
import { fail } from '../common/error.ts';

/**
 * A solver with other values for some of its fields. Names are those of the solver file, `max_iter`; values are written as
 * there, several of a repeated field with commas; text needs no quotes. Errors name `where` and the field: unknown, or of
 * another kind.
 */
export function overridden(
  solver: SolverParameter,
  settings: Readonly<Record<string, string>>,
  where: string,
): SolverParameter {
  let changed = solver;
  for (const [name, value] of Object.entries(settings)) {
    const field =
      SolverParameterSchema.fields.find((each) => each.name === name) ??
      fail(where, `a solver has no field '${name}'`, 'names are as in a solver file: max_iter, base_lr');
    const isText = (field.fieldKind === 'scalar' || field.fieldKind === 'list') && field.scalar === textType;
    const words = field.fieldKind === 'list' ? value.split(',') : [value];
    const lines = words.map((word) => `${name}: ${isText ? JSON.stringify(unquoted(word)) : word.trim()}`);
    const given = parseSolver(lines.join('\n'), `${where} ${name}`);
    const set = SolverParameterSchema.fields.filter((each) => isFieldSet(given, each));
    if (set.length !== 1) fail(where, `one value is expected for '${name}', got '${value}'`);
    changed = copyWith(SolverParameterSchema, changed, {
      [field.localName]: given[field.localName as keyof SolverParameter],
    });
  }
  return changed;
}

/** protobuf's number for strings. */
const textType = 9;

const unquoted = (text: string): string => /^\s*"(.*)"\s*$/.exec(text)?.[1] ?? text.trim();
