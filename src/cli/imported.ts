import { stat } from 'node:fs/promises';
import { bytes, count } from '../common/format.ts';
import type { Model } from '../graph/index.ts';
import { saveModel } from './model.ts';
import { print, printJson } from './output.ts';
import { preprocessingText } from './wording.ts';

/** Writes an imported model and says what it is. */
export async function finishImport(model: Model, output: string, json: boolean | undefined): Promise<void> {
  const { costs, infer } = await import('../operators/index.ts');
  const cost = costs(model.graph, infer(model.graph));
  const parameters = [...cost.values()].reduce((sum, each) => sum + each.parameters, 0);
  const written = await saveModel(output, model);
  const size = (await Promise.all(written.map((path) => stat(path)))).reduce(
    (sum, file) => sum + file.size,
    0,
  );
  const { graph, info } = model;
  if (json) {
    return printJson({
      output,
      files: written,
      bytes: size,
      name: graph.name,
      nodes: graph.nodes.length,
      parameters,
    });
  }
  const heads = info.heads.map(({ name, labels }) =>
    labels ? `${name} (${count(labels.length)} labels)` : name,
  );
  print(`${written.join(', ')}: ${graph.name}, ${bytes(size)}, ${count(parameters)} parameters\n`);
  print(`outputs: ${heads.join(', ') || 'none that limn knows the meaning of'}\n`);
  if (info.preprocessing) print(`photos: ${preprocessingText(info.preprocessing)}\n`);
}
