import type { Source } from '../caffe/index.ts';
import { decodeText } from '../common/filekind.ts';
import { fileKindAt } from '../common/files.ts';
import type { Host } from './host.ts';

/** Whether a file is a text, as network definitions of Caffe are, whatever its name. Errors: none is there. */
export async function isDefinition(path: string, { files }: Host): Promise<boolean> {
  const { kind } = await fileKindAt(files, path);
  return kind === 'definition' || kind === 'solver' || kind === 'text';
}

/** A file as an importer takes it, with its hash. */
export async function readSource(path: string, host: Host): Promise<Source<Uint8Array>> {
  const content = await host.files.read(path);
  return { name: path, content, sha256: await host.sha256Of([content]) };
}

/** A text file so; errors say that it is no text of the `wanted` kind: `a network definition`. */
export async function readTextSource(path: string, wanted: string, host: Host): Promise<Source<string>> {
  const { content, ...rest } = await readSource(path, host);
  return { ...rest, content: decodeText(content, path, wanted) };
}
