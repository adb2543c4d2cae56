import type { WebRuntimeOptions } from '../runtime/index.ts';
import { type Calls, callsOn } from './calls.ts';
import { pageFiles } from './pagefiles.ts';
import { webHost } from './web.ts';

/** A file that a person chose, or where one is. */
export type PageSource = Blob | URL | string;

type Options<F extends keyof Calls> = NonNullable<Parameters<Calls[F]>[2]> & WebRuntimeOptions;

/** What is in a photo, in one call: as `classify` of limn/node, with files that were chosen, or addresses. */
export function classify(
  model: PageSource,
  photo: PageSource,
  { wasmPaths, ...options }: Options<'classify'> = {},
) {
  const { calls, nameOf } = open({ wasmPaths });
  return calls.classify(nameOf(model, 'model.onnx'), nameOf(photo, 'photo'), options);
}

/**
 * Which pixels speak for a class and which against it, in one call.
 *
 * @example
 * ```ts
 * import { colormap, renderHeatmap } from 'limn';
 * import { explain } from 'limn/web';
 *
 * const chosen = document.querySelector<HTMLInputElement>('input[type=file]')!.files![0];
 * const { heat, reading } = await explain(new URL('model.onnx', location.href), chosen);
 * console.log(reading.target.name, renderHeatmap(heat.map, colormap('black-firered'), heat.limit));
 * ```
 */
export function explain(
  model: PageSource,
  photo: PageSource,
  { wasmPaths, ...options }: Options<'explain'> = {},
) {
  const { calls, nameOf } = open({ wasmPaths });
  return calls.explain(nameOf(model, 'model.onnx'), nameOf(photo, 'photo'), options);
}

function open(options: WebRuntimeOptions) {
  const files = pageFiles();
  return {
    calls: callsOn(webHost({ ...options, files })),
    nameOf(source: PageSource, otherwise: string): string {
      if (!(source instanceof Blob)) return String(source);
      const name = source instanceof File ? source.name : otherwise;
      files.add(name, source);
      return name;
    },
  };
}
