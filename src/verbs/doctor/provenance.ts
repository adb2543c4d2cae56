import type { LoadedModel } from '../../onnx/index.ts';
import type { Host } from '../host.ts';

/** The files that a model is made of, as its provenance calls them. */
const roles = ['prototxt', 'caffemodel', 'mean', 'labels'];

/**
 * What a model's provenance says against it: files beside it that have changed since it was made of them, or another
 * version of limn that made it.
 */
export async function provenanceNotes({ model, path }: LoadedModel, host: Host): Promise<string[]> {
  const { files, versions } = host;
  const { provenance } = model.info;
  const notes: string[] = [];
  for (const role of roles) {
    const [name, hash] = [provenance[role], provenance[`${role}.sha256`]];
    if (name === undefined || hash === undefined) continue;
    const bytes = await files.read(files.join(path, '..', name)).catch(() => undefined);
    if (bytes && (await host.sha256Of([bytes])) !== hash) {
      notes.push(
        `${name} is not the file that the model was made of: import it again, or find the right one`,
      );
    }
  }
  const made = provenance.converter;
  const own = `limn ${versions.limn}`;
  if (made?.startsWith('limn ') && made !== own) {
    notes.push(
      `the model was imported by ${made}, this is ${own}: import it again to read it as this one does`,
    );
  }
  return notes;
}
