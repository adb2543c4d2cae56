import { isFieldSet } from '@bufbuild/protobuf';
import { copyWith, parseSolver, type SolverParameter, SolverParameterSchema } from '../caffe/index.ts';
import { fail, LimnError } from '../common/error.ts';
import { type Field, words } from '../common/words.ts';

/**
 * A solver with other values for some of its fields. Names are those of the solver file, `max_iter`; values are written as
 * there, several of a repeated field with commas; text needs no quotes. Errors name `where` and the field: unknown, or of
 * another kind.
 */
export function overridden(
  solver: SolverParameter,
  settings: Readonly<Record<string, string>>,
  where: string | Field,
): SolverParameter {
  let changed = solver;
  for (const [name, value] of Object.entries(settings)) {
    const known =
      SolverParameterSchema.fields.find((each) => each.name === name) ??
      fail(
        words`${where}`,
        `a solver has no field '${name}'`,
        'names are as in a solver file: max_iter, base_lr',
      );
    const isText = (known.fieldKind === 'scalar' || known.fieldKind === 'list') && known.scalar === textType;
    const values = known.fieldKind === 'list' ? value.split(',') : [value];
    const lines = values.map((word) => `${name}: ${isText ? JSON.stringify(unquoted(word)) : word.trim()}`);
    const given = parsed(lines.join('\n'), name, where);
    const set = SolverParameterSchema.fields.filter((each) => isFieldSet(given, each));
    if (set.length !== 1) fail(words`${where}`, `one value is expected for '${name}', got '${value}'`);
    changed = copyWith(SolverParameterSchema, changed, {
      [known.localName]: given[known.localName as keyof SolverParameter],
    });
  }
  return changed;
}

/** Values of a field as a solver; what is wrong with them is said of `where`. */
function parsed(text: string, name: string, where: string | Field): SolverParameter {
  try {
    return parseSolver(text, name);
  } catch (error) {
    throw error instanceof LimnError ? error.with({}, words`${where} ${error.where}`) : error;
  }
}

/** protobuf's number for strings. */
const textType = 9;

const unquoted = (text: string): string => /^\s*"(.*)"\s*$/.exec(text)?.[1] ?? text.trim();
