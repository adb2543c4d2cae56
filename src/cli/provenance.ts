import { dirname, join } from 'node:path';
import { readBytes } from '../common/file.node.ts';
import { converter, type LoadedModel, sha256 } from './model.ts';

/** The files that a model is made of, as its provenance calls them. */
const roles = ['prototxt', 'caffemodel', 'mean', 'labels'];

/**
 * What a model's provenance says against it: files beside it that have changed since it was made of them, or another
 * version of limn that made it.
 */
export async function provenanceNotes({ model, path }: LoadedModel): Promise<string[]> {
  const { provenance } = model.info;
  const notes: string[] = [];
  for (const role of roles) {
    const [name, hash] = [provenance[role], provenance[`${role}.sha256`]];
    if (name === undefined || hash === undefined) continue;
    const file = await readBytes(join(dirname(path), name)).catch(() => undefined);
    if (file && sha256(file) !== hash) {
      notes.push(
        `${name} is not the file that the model was made of: import it again, or find the right one`,
      );
    }
  }
  const made = provenance.converter;
  const { converter: own } = converter();
  if (made?.startsWith('limn ') && made !== own) {
    notes.push(
      `the model was imported by ${made}, this is ${own}: import it again to read it as this one does`,
    );
  }
  return notes;
}
