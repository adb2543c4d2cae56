import { writeOnnx } from '../../src/onnx/index.ts';
import { classify, type Host, saveExplanations } from '../../src/verbs/index.ts';
import { tinyInception } from '../nets.ts';

/* What every host has to answer to the same requests: plain data and functions that know no host. */

/** The files that the requests name. */
export const paths = { model: 'in/net.onnx', photo: 'in/photo.png', broken: 'in/broken.png', output: 'out' };

/** A small classifier of five classes. */
export function modelBytes(): Uint8Array {
  const labels = ['ant', 'bee', 'cat', 'dog', 'elk'];
  const preprocessing = {
    resize: { height: 19, width: 19, mode: 'stretch' as const },
    crop: { height: 17, width: 17 },
    channels: 'bgr' as const,
    mean: [104, 117, 123],
    scale: 1 / 64,
  };
  const heads = [{ name: 'class', output: 'prob', kind: 'classes' as const, labels }];
  const { bytes } = writeOnnx({ graph: tinyInception(), info: { heads, provenance: {}, preprocessing } });
  return bytes;
}

/** What one request came to, in a form that travels from a page. */
export interface Outcome {
  readonly result?: unknown;
  readonly events?: readonly unknown[];
  readonly error?: { readonly kind: string; readonly message: string };
}

const { photo, broken, output } = paths;
// A page starts ONNX Runtime with so many threads once.
const model = { model: paths.model, threads: 1 };

/** The requests, by name. */
export const requests: Readonly<
  Record<string, (host: Host, on: (event: unknown) => void) => Promise<unknown>>
> = {
  'classify photos': (host, on) => classify({ ...model, photos: [photo, broken, photo] }, host, { on }),
  'classify crops': (host) => classify({ ...model, photos: [photo], crops: 'ten', top: 2 }, host),
  'explain photos': (host, on) =>
    saveExplanations(
      { ...model, photos: [photo, broken], target: 'dog', output, layer: ['norm1'], figure: false },
      host,
      { on },
    ),
  'explain by another method': (host) =>
    saveExplanations(
      {
        ...model,
        photos: [photo],
        method: 'smoothgrad',
        samples: 3,
        output,
        figure: false,
        raw: ['rawhm'],
        percentile: 99,
      },
      host,
    ),
  'an unknown head': (host) => saveExplanations({ ...model, photos: [photo], head: 'age', output }, host),
  'a wrong field': (host) => classify({ ...model, photos: [photo], top: 0 }, host),
  'a field too many': (host) => classify({ ...model, photos: [photo], tops: 1 } as never, host),
  'fields of another method': (host) =>
    saveExplanations({ ...model, photos: [photo], steps: 3, output }, host),
  'no such file': (host) => classify({ model: 'in/none.onnx', photos: [photo] }, host),
};

/** Runs a request; what differs between hosts by right (versions) is left out. */
export async function outcomeOf(name: string, host: Host): Promise<Outcome> {
  const events: unknown[] = [];
  try {
    const result = await requests[name]!(host, (event) => events.push(event));
    return JSON.parse(
      JSON.stringify({ result, events }, (key, value) => (key === 'versions' ? undefined : value)),
    );
  } catch (error) {
    const { kind, message } = error as { kind?: string; message: string };
    return { error: { kind: kind ?? 'bug', message } };
  }
}
