import { readNpy } from '../../src/image/index.ts';
import { classify, explain, opfsFiles, type PageFiles, pageFiles, webHost } from '../../src/web.ts';
import { inputs, modelBytes, networkFiles, outcomeOf, paths } from './verbs.ts';

/* The script of the page: answers requests in the browser when the test asks for them. */

const wasmPaths = new URL('/onnxruntime-web/', location.href).href;

async function photoBytes(): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await (await fetch('/demo/astronaut-face.png')).arrayBuffer());
}

/** One request's outcome, and what was written: names with the numbers in it. */
async function answer(name: string, kind: 'page' | 'opfs') {
  const files = kind === 'page' ? pageFiles() : await opfsFiles();
  const networks = networkFiles.map(async (name) => {
    const response = await fetch(`/packages/@vladmandic/face-api/model/${name}`);
    return [`${paths.networks}/${name}`, new Uint8Array(await response.arrayBuffer())] as const;
  });
  const given = [...inputs(), [paths.photo, await photoBytes()] as const, ...(await Promise.all(networks))];
  for (const [path, bytes] of given) {
    if (kind === 'page') (files as PageFiles).add(path, bytes);
    else await files.write(path, bytes);
  }
  const outcome = await outcomeOf(name, webHost({ files, wasmPaths }));
  const npy = await files.read(`${paths.output}/photo.npy`).catch(() => undefined);
  return { outcome, relevance: npy && Array.from(readNpy(npy, 'photo.npy').data, Number) };
}

/** The same in one call, with chosen files. */
async function oneCall() {
  const model = new File([modelBytes() as Uint8Array<ArrayBuffer>], 'net.onnx');
  const photo = new File([await photoBytes()], 'photo.png');
  const { outputs } = await classify(model, photo, { wasmPaths, threads: 1 });
  const { reading } = await explain(model, new URL('/demo/astronaut-face.png', location.href), {
    wasmPaths,
    threads: 1,
    target: 'dog',
  });
  const missing = await classify(model, '/demo/none.png', { wasmPaths, threads: 1 }).catch(
    (error: Error) => error.message,
  );
  return { outputs, score: reading.score, missing };
}

Object.assign(globalThis, { answer, oneCall, run: true });
