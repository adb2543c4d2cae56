import type { Source } from '../caffe/index.ts';
import type { Host } from './host.ts';
import { textOf } from './photos.ts';

/** Whether a path names a network definition of Caffe. */
export const isDefinition = (path: string): boolean => /\.(prototxt|pbtxt)$/i.test(path);

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
