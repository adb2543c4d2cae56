import { explainer } from '../../src/attribution/index.ts';
import { importNet, parsePrototxt, readCaffemodel } from '../../src/caffe/index.ts';
import { float32, type Tensor } from '../../src/graph/index.ts';
import { readNpy } from '../../src/image/index.ts';
import { webRuntime } from '../../src/runtime/index.ts';

/* The script of the page that times explanations in the browser. */

/** What {@link explain} finds. */
export interface Timed {
  /** Ms from the fetched files to the first explanation. */
  readonly first: number;
  /** Ms of each later explanation. */
  readonly ms: readonly number[];
  readonly relevance: readonly number[];
}

async function explain(threads: number, rounds: number): Promise<Timed> {
  const fetched = async (name: string) => new Uint8Array(await (await fetch(`/nets/${name}`)).arrayBuffer());
  const [definition, weights] = [await fetched('googlenet.prototxt'), await fetched('googlenet.caffemodel')];
  const images = readNpy(await fetched('googlenet.npy'), 'googlenet.npy') as Tensor<'float32'>;
  const shape = [1, ...images.shape.slice(1)];
  const input = float32(shape, images.data.slice(0, images.data.length / images.shape[0]));
  const start = performance.now();
  const net = parsePrototxt(new TextDecoder().decode(definition), 'googlenet.prototxt');
  const model = importNet(net, 'googlenet.prototxt', {
    weights: readCaffemodel(weights, 'googlenet.caffemodel'),
  });
  const runtime = webRuntime({ wasmPaths: new URL('/onnxruntime-web/', location.href).href });
  const made = explainer(model, runtime, { method: 'lrp', formula: 102, upTo: 4, session: { threads } });
  const { relevance } = await made.explain(input);
  const first = performance.now() - start;
  await made.explain(input);
  const ms: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const begin = performance.now();
    await made.explain(input);
    ms.push(performance.now() - begin);
  }
  return { first, ms, relevance: Array.from(relevance.data) };
}

Object.assign(globalThis, { explain });
