import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/*
 * onnxruntime-node is an optional dependency: its install step downloads CUDA's libraries, and npm leaves the package
 * out where that fails (behind a proxy, offline), and it has no binary for some platforms. There the WebAssembly build
 * computes instead: the same numbers within float noise, a few times slower.
 */

let found: boolean | undefined;

/** Whether ONNX Runtime's own binary for this platform is installed; looked for once. */
export function hasBinary(): boolean {
  found ??= lookForBinary();
  return found;
}

function lookForBinary(): boolean {
  // On Linux it is made for the GNU C library.
  if (process.platform === 'linux' && !hasGlibc()) return false;
  try {
    const folder = dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));
    const binary = join('bin', 'napi-v6', process.platform, process.arch, 'onnxruntime_binding.node');
    return existsSync(join(folder, binary));
  } catch {
    return false;
  }
}

function hasGlibc(): boolean {
  // Unless told otherwise, the report looks up names of hosts.
  Object.assign(process.report, { excludeNetwork: true });
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime !== undefined;
}

let tell: (note: string) => void = () => undefined;

/** Asks to be told, once, when WebAssembly computes in this thread because there is no binary: the main one asks for all. */
export function whenWithoutBinary(listener: (note: string) => void): void {
  tell = listener;
}

/** Tells whoever asked. */
export function noteWithoutBinary(): void {
  tell(
    'ONNX Runtime has no binary here (onnxruntime-node is not installed, or not for this platform): WebAssembly ' +
      'computes instead, a few times slower; npm install onnxruntime-node --ignore-scripts may mend it',
  );
  tell = () => undefined;
}
