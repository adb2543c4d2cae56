import type { Source } from '../caffe/index.ts';
import { fileKind, telling, textOf } from '../common/filekind.ts';
import type { Host } from './host.ts';

/** Whether the file at a path is a text, as definitions of Caffe are, whatever its name. Errors: none is there. */
export async function isDefinition(path: string, { files }: Host): Promise<boolean> {
  const { size, read } = await files.open(path);
  const { kind } = fileKind(await read(0, Math.min(size, telling)));
  return kind === 'definition' || kind === 'solver' || kind === 'text';
}

/** A file as an importer takes it, with its hash. */
export async function readSource(path: string, host: Host): Promise<Source<Uint8Array>> {
  const content = await host.files.read(path);
  return { name: path, content, sha256: host.sha256().update(content).digest() };
}

/** A text file so; errors say that it is no text of the `wanted` kind: `a network definition`. */
export async function readTextSource(path: string, wanted: string, host: Host): Promise<Source<string>> {
  const { content, ...rest } = await readSource(path, host);
  return { ...rest, content: textOf(content, path, wanted) };
}
