import type { Head, Model } from '../../graph/index.ts';
import { costs, infer } from '../../operators/index.ts';
import type { Host } from '../host.ts';
import { type PreprocessingRecord, preprocessingRecord, writeModel } from '../model.ts';

/** What an import made. */
export interface ImportResult {
  /** The model's file. */
  readonly output: string;
  /** It and, if need be, that of its weights. */
  readonly files: readonly string[];
  /** The size of all of them. */
  readonly bytes: number;
  /** The network's name. */
  readonly name: string;
  /** Operators of the graph. */
  readonly nodes: number;
  readonly parameters: number;
  readonly heads: readonly Head[];
  readonly preprocessing?: PreprocessingRecord | undefined;
}

/** Writes an imported model and says what it is. Errors: an operator that limn does not know. */
export async function finishImport(model: Model, output: string, host: Host): Promise<ImportResult> {
  const { graph, info } = model;
  const cost = costs(graph, infer(graph));
  const parameters = [...cost.values()].reduce((sum, each) => sum + each.parameters, 0);
  const written = await writeModel(output, model, host);
  return {
    output,
    ...written,
    name: graph.name,
    nodes: graph.nodes.length,
    parameters,
    heads: info.heads,
    preprocessing: info.preprocessing && preprocessingRecord(info.preprocessing),
  };
}
