import { shapeText, short } from '../../common/format.ts';
import { withOutputs } from '../../common/outputs.node.ts';
import type { RunOptions } from '../command.ts';
import { print, printJson } from '../output.ts';
import { table } from '../table.ts';

/** How a model is run. */
export interface ModelOptions extends RunOptions {
  /** `X.npy` for the first input, `NAME=X.npy` for the one of that name. */
  readonly input: readonly string[];
  readonly outputs?: readonly string[];
  readonly output: string;
  readonly overwrite?: boolean;
  readonly json?: boolean;
}

/** Feeds tensors to a model and writes those that it computes. */
export async function runOneModel(
  model: string,
  { input, outputs, output, provider, threads, overwrite, json = false }: ModelOptions,
): Promise<void> {
  const [{ runModel }, { nodeHostWith }] = await Promise.all([
    import('../../verbs/run/index.ts'),
    import('../../hosts/node.node.ts'),
  ]);
  const files = input.map((text) => {
    const [, name, file] = /^([^=]+)=(.+)$/.exec(text) ?? [];
    return name !== undefined && file !== undefined ? { name, file } : text;
  });
  const result = await withOutputs({ overwrite }, (guard) =>
    runModel({ model, input: files, outputs, output, provider, threads }, nodeHostWith(guard)),
  );
  if (json) {
    const written = result.outputs.map(({ name, file, shape }) => ({ name, file, shape }));
    return printJson({ model, outputs: written });
  }
  print(
    table(
      [
        { title: 'tensor' },
        { title: 'shape' },
        { title: 'least', align: 'right' },
        { title: 'largest', align: 'right' },
        { title: 'file' },
      ],
      result.outputs.map(({ name, shape, least, largest, file }) => [
        name,
        shapeText(shape),
        Number.isNaN(least) ? 'NaN' : short(least),
        Number.isNaN(largest) ? 'NaN' : short(largest),
        file,
      ]),
    ),
  );
}
