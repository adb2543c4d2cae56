import { fail } from '../common/error.ts';
import { quoted } from '../common/quoted.ts';
import type { Unit, UnitRequest } from './unit.ts';

/** The file in a unit's folder that says what is to be done in one attempt. */
export const TASK_FILE = 'unit.json';

const format = 'limn unit 1';

/** What one attempt at a unit is to do. */
export interface Task extends Pick<Unit, 'id' | 'name' | 'verb'> {
  /** The unit's request, or that by which it goes on; paths start from the plan's folder. */
  readonly request: UnitRequest;
}

/** A task as a JSON document. */
export const writeTask = ({ id, name, verb, request }: Task): string =>
  `${JSON.stringify({ format, id, name, verb, request }, null, 2)}\n`;

/** Reads a task. Errors name the file: no task, or a newer limn's; damaged. */
export function readTask(text: string, file: string): Task {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return fail(file, 'no JSON', 'give a unit.json that a run of a plan wrote');
  }
  const { format: found, id, name, verb, request } = (value ?? {}) as Record<string, unknown>;
  if (found !== format) {
    const known = typeof found === 'string' && found.startsWith('limn unit');
    fail(file, known ? `a ${quoted(found)}, this limn reads '${format}'` : 'no unit of limn');
  }
  if (![id, name, verb].every((each) => typeof each === 'string') || !isRequest(request))
    fail(file, 'damaged: parts are missing', 'run the plan again');
  return { id, name, verb, request } as Task;
}

/** Whether a value can be a verb's request. */
export const isRequest = (value: unknown): value is UnitRequest =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
