import { fail } from '../common/error.ts';
import { quoted } from '../common/quoted.ts';
import type { Plan, Unit } from './unit.ts';

const format = 'limn plan 1';

/** A plan as a JSON document, one unit a line. */
export function writePlan({ limn, units }: Plan): string {
  const lines = units.map((unit) => JSON.stringify(unit));
  return `{"format": "${format}", "limn": ${JSON.stringify(limn)}, "units": [\n${lines.join(',\n')}\n]}\n`;
}

/** Whether a file's first bytes can be those of a plan: JSON, which no ONNX model begins like. */
export const looksLikePlan = (start: Uint8Array): boolean =>
  /^\uFEFF?\s*\{/.test(new TextDecoder().decode(start));

/**
 * Reads a plan. Errors name the file: no plan, or a newer limn's, damaged, the same unit twice, a need that does not stand before
 * the unit that has it.
 */
export function readPlan(text: string, file: string): Plan {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return fail(file, 'no JSON', 'make it with limn plan');
  }
  const { format: found, limn, units } = (value ?? {}) as Record<string, unknown>;
  if (found !== format) {
    const known = typeof found === 'string' && found.startsWith('limn plan');
    fail(
      file,
      known ? `a ${quoted(found)}, this limn reads '${format}'` : 'no plan of limn',
      'make it with limn plan',
    );
  }
  if (typeof limn !== 'string' || !Array.isArray(units))
    fail(file, 'damaged: parts are missing', 'make it with limn plan');
  const seen = new Set<string>();
  const folders = new Set<string>();
  for (const [i, unit] of units.entries()) {
    const where = `${file}: unit ${i + 1}`;
    if (!isUnit(unit)) fail(where, 'damaged: parts are missing', 'make the plan with limn plan');
    if (seen.has(unit.id) || folders.has(unit.folder)) fail(where, `${quoted(unit.name)} is there twice`);
    const need = unit.needs.find((id) => !seen.has(id));
    if (need !== undefined) fail(where, `it needs ${need}, which does not stand before it`);
    seen.add(unit.id);
    folders.add(unit.folder);
  }
  return { limn, units };
}

function isUnit(value: unknown): value is Unit {
  const { id, name, kind, folder, command, resume, inputs, outputs, needs, progress } = fields(value);
  return (
    [id, name, kind, folder].every((text) => typeof text === 'string' && text !== '') &&
    [command, outputs, needs].every(isTexts) &&
    Array.isArray(inputs) &&
    inputs
      .map(fields)
      .every(({ path, sha256 }) => isText(path) && (sha256 === undefined || isText(sha256))) &&
    (resume === undefined || isResume(fields(resume))) &&
    (progress === undefined ||
      (isText(fields(progress).file) && Number.isFinite(fields(progress).iterations)))
  );
}

const isResume = ({ folder, ending, command }: Record<string, unknown>): boolean =>
  isText(folder) && isText(ending) && isTexts(command);

const fields = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

const isText = (value: unknown): value is string => typeof value === 'string';

const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);
