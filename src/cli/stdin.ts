import { buffer } from 'node:stream/consumers';
import { fail } from '../common/error.ts';
import type { Files, Host } from '../verbs/host.ts';

/** What a photo from standard input is called, where `-` stands for it: as the system calls it. */
const STDIN = '/dev/stdin';

/** Photos of a call, among which `-` is the one that standard input brings, and the host that can read it. */
export function withStdin<H extends Host>(
  given: readonly string[],
  host: H,
): { photos: readonly string[]; host: H } {
  if (!given.includes('-')) return { photos: given, host };
  return { photos: given.map((path) => (path === '-' ? STDIN : path)), host: readingStdin(host) };
}

/** Standard input is read when it is asked for. */
function readingStdin<H extends Host>(host: H): H {
  let content: Promise<Uint8Array> | undefined;
  const read = async (): Promise<Uint8Array> => {
    if (process.stdin.isTTY) fail('standard input', 'it is a terminal', 'send a photo: … < photo.jpg');
    const bytes = await buffer(process.stdin);
    return bytes.length === 0 ? fail('standard input', 'it is empty', 'send a photo: … < photo.jpg') : bytes;
  };
  const files: Files = {
    ...host.files,
    kindOf: async (path) => (path === STDIN ? 'file' : host.files.kindOf(path)),
    read(path) {
      if (path !== STDIN) return host.files.read(path);
      content ??= read();
      return content;
    },
    protect(paths) {
      host.files.protect([...paths].filter((path) => path !== STDIN));
    },
  };
  return { ...host, files };
}
